! read_fortran.f90: three results of a results file with HDF5's Fortran library.
!
!   h5fc read_fortran.f90 -o read_fortran && ./read_fortran FILE.h5 [ACTIVATION SEED]
!
! error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
! order     for every activation, modes in the order in which they are learnt (median step over its tasks)
! alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
!
! Fortran turns dimensions round: frequency_error(mode, record, task).
module results
  use, intrinsic :: iso_c_binding, only: c_ptr, c_loc, c_char
  use, intrinsic :: iso_fortran_env, only: int64, real64, error_unit
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_positive_inf
  use hdf5
  implicit none
  integer(int64), parameter :: done = 1
  real(real64), parameter :: threshold = 0.5_real64  ! learnt below this error
  real(real64), parameter :: amplitude = 0.01_real64 ! not asked of modes with a smaller share of the target

contains

  ! Sizes of a variable, its first dimension (task) last.
  function sizes_of(file, name, rank) result(sizes)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: name
    integer, intent(in) :: rank
    integer(hsize_t) :: sizes(rank), largest(rank)
    integer(hid_t) :: dataset, space
    integer :: status, found
    call h5dopen_f(file, name, dataset, status)
    if (status /= 0) call stop_at(name)
    call h5dget_space_f(dataset, space, status)
    call h5sget_simple_extent_ndims_f(space, found, status)
    if (found /= rank) call stop_at(name)
    call h5sget_simple_extent_dims_f(space, sizes, largest, status)
    call h5sclose_f(space, status)
    call h5dclose_f(dataset, status)
  end function

  subroutine stop_at(name)
    character(*), intent(in) :: name
    write (error_unit, '(3a)') 'read_fortran: ', name, ' cannot be read (more than one direction, or no results file?)'
    stop 1
  end subroutine

  ! Read all of a variable as numbers of a type in memory; 0: as they are.
  subroutine read_all(file, name, type, buffer)
    integer(hid_t), intent(in) :: file, type
    character(*), intent(in) :: name
    type(c_ptr), intent(in) :: buffer
    type(c_ptr) :: place
    integer(hid_t) :: dataset, stored
    integer :: status
    place = buffer
    call h5dopen_f(file, name, dataset, status)
    call h5dget_type_f(dataset, stored, status)
    call h5dread_f(dataset, merge(stored, type, type == 0), place, status)
    if (status /= 0) call stop_at(name)
    call h5tclose_f(stored, status)
    call h5dclose_f(dataset, status)
  end subroutine

  function read_integers(file, name) result(value)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: name
    integer(int64), allocatable, target :: value(:)
    integer(hsize_t) :: sizes(1)
    sizes = sizes_of(file, name, 1)
    allocate (value(sizes(1)))
    call read_all(file, name, h5kind_to_type(int64, H5_INTEGER_KIND), c_loc(value))
  end function

  function read_table(file, name) result(value)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: name
    real(real64), allocatable, target :: value(:, :)
    integer(hsize_t) :: sizes(2)
    sizes = sizes_of(file, name, 2)
    allocate (value(sizes(1), sizes(2)))
    call read_all(file, name, H5T_NATIVE_DOUBLE, c_loc(value))
  end function

  function read_cube(file, name) result(value)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: name
    real(real64), allocatable, target :: value(:, :, :)
    integer(hsize_t) :: sizes(3)
    sizes = sizes_of(file, name, 3)
    allocate (value(sizes(1), sizes(2), sizes(3)))
    call read_all(file, name, H5T_NATIVE_DOUBLE, c_loc(value))
  end function

  ! A text of every task, padded with blanks.
  function read_text(file, name) result(value)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: name
    character(len=:), allocatable :: value(:)
    character(kind=c_char), allocatable, target :: letters(:, :)
    integer(hsize_t) :: sizes(2), i, j
    sizes = sizes_of(file, name, 2)
    allocate (letters(sizes(1), sizes(2)))
    allocate (character(len=int(sizes(1))) :: value(sizes(2)))
    call read_all(file, name, 0_hid_t, c_loc(letters))
    do i = 1, sizes(2)
      do j = 1, sizes(1)
        value(i)(j:j) = merge(' ', letters(j, i), letters(j, i) == char(0))
      end do
    end do
  end function

  ! First step with an error below the threshold, interpolated between records on a logarithmic scale.
  pure function crossing(step, error) result(tau)
    real(real64), intent(in) :: step(:), error(:)
    real(real64) :: tau, above
    integer :: b
    do b = 1, size(error)
      if (error(b) < threshold) exit
    end do
    if (b > size(error)) then
      tau = ieee_value(tau, ieee_positive_inf)
    else if (b == 1) then
      tau = step(1)
    else
      above = log(error(b - 1))
      tau = step(b - 1) + (step(b) - step(b - 1))*(above - log(threshold))/(above - log(error(b)))
    end if
  end function

  pure subroutine sort(value)
    real(real64), intent(inout) :: value(:)
    real(real64) :: x
    integer :: i, j
    do i = 2, size(value)
      x = value(i)
      do j = i - 1, 1, -1
        if (value(j) <= x) exit
        value(j + 1) = value(j)
      end do
      value(j + 1) = x
    end do
  end subroutine

  pure function median(given) result(m)
    real(real64), intent(in) :: given(:)
    real(real64) :: m, value(size(given))
    value = given
    call sort(value)
    m = 0.5_real64*(value((size(value) + 1)/2) + value(size(value)/2 + 1))
  end function

  subroutine print_networks(file, wanted, seed_wanted)
    integer(hid_t), intent(in) :: file
    character(*), intent(in) :: wanted
    integer(int64), intent(in) :: seed_wanted
    integer(int64), allocatable :: outcome(:), records(:), mode(:), seed(:)
    real(real64), allocatable :: step(:, :), error(:, :, :), residual(:, :, :), tau(:), medians(:)
    integer, allocatable :: tasks(:)
    character(len=:), allocatable :: activation(:)
    integer :: i, k, r, a, n, at
    outcome = read_integers(file, 'outcome')
    records = read_integers(file, 'records')
    mode = read_integers(file, 'mode')
    seed = read_integers(file, 'seed')
    activation = read_text(file, 'activation')
    step = read_table(file, 'step')
    error = read_cube(file, 'frequency_error')
    residual = read_cube(file, 'residual_relative')
    do i = 1, size(outcome)
      if (outcome(i) /= done .or. activation(i) /= wanted .or. seed(i) /= seed_wanted) cycle
      do r = 1, int(records(i))
        do k = 1, size(mode)
          print '(a, 1x, i0, 1x, i0, 1x, es15.8e2)', 'error', nint(step(r, i), int64), mode(k), error(k, r, i)
        end do
      end do
      exit
    end do
    allocate (medians(size(mode)), tasks(size(mode)))
    do a = 1, size(activation)
      if (any(activation(:a - 1) == activation(a))) cycle
      tasks = 0
      do k = 1, size(mode)
        tau = [real(real64) ::]
        do i = 1, size(outcome)
          if (outcome(i) /= done .or. activation(i) /= activation(a)) cycle
          n = int(records(i))
          at = maxloc(error(k, :n, i), 1, error(k, :n, i) == error(k, :n, i)) ! where it is no NaN
          if (at == 0) cycle
          if (residual(k, at, i)/error(k, at, i) >= amplitude) tau = [tau, crossing(step(:n, i), error(k, :n, i))]
        end do
        tasks(k) = size(tau)
        if (tasks(k) > 0) medians(k) = median(tau)
      end do
      do while (any(tasks > 0))
        k = minloc(medians, 1, tasks > 0)
        if (medians(k) > huge(1.0_real64)) then
          print '(a, 1x, a, 1x, i0, 1x, a, 1x, i0)', 'order', trim(activation(a)), mode(k), 'inf', tasks(k)
        else
          print '(a, 1x, a, 1x, i0, 1x, es15.8e2, 1x, i0)', 'order', trim(activation(a)), mode(k), medians(k), tasks(k)
        end if
        tasks(k) = 0
      end do
    end do
  end subroutine

  subroutine print_alpha_c(file)
    integer(hid_t), intent(in) :: file
    integer(int64), allocatable :: outcome(:), records(:)
    real(real64), allocatable, target :: alpha(:)
    real(real64), allocatable :: limit(:, :), d(:, :), theta(:), rate(:), means(:)
    logical, allocatable :: these(:)
    real(real64) :: slope
    integer :: n
    outcome = read_integers(file, 'outcome')
    records = read_integers(file, 'records')
    allocate (alpha(size(outcome)))
    call read_all(file, 'decay_rate', H5T_NATIVE_DOUBLE, c_loc(alpha))
    limit = read_table(file, 'rung_band_limit')
    d = read_table(file, 'energy_drop')/read_table(file, 'multiplier_product') ! (record, task)
    n = int(maxval(records))
    theta = log(d(n - 1, :)/d(n - 2, :))/log((limit(n - 1, :) + 0.5_real64)/(limit(n - 2, :) + 0.5_real64))
    rate = [real(real64) ::]
    means = rate
    do
      these = outcome == done
      if (size(rate) > 0) these = these .and. alpha > rate(size(rate))
      if (.not. any(these)) exit
      rate = [rate, minval(alpha, these)]
      these = these .and. alpha == rate(size(rate))
      means = [means, sum(theta, these)/count(these)]
      print '(a, 2(1x, es15.8e2), 1x, i0)', 'theta', rate(size(rate)), means(size(means)), count(these)
    end do
    slope = sum((rate - sum(rate)/size(rate))*means)/sum((rate - sum(rate)/size(rate))**2)
    print '(a, 2(1x, es15.8e2))', 'alpha_c', (sum(rate) - sum(means)/slope)/size(rate), slope
  end subroutine
end module

program read_fortran
  use results
  implicit none
  character(len=1024) :: path, activation, seed
  integer(hid_t) :: file
  integer(int64) :: number
  integer :: status
  logical :: there
  activation = 'tanh'
  seed = '0'
  call get_command_argument(1, path)
  if (command_argument_count() > 1) call get_command_argument(2, activation)
  if (command_argument_count() > 2) call get_command_argument(3, seed)
  read (seed, *) number
  call h5open_f(status)
  call h5fopen_f(trim(path), H5F_ACC_RDONLY_F, file, status)
  if (status /= 0) stop 1
  call h5lexists_f(file, 'frequency_error', there, status)
  if (there) call print_networks(file, trim(activation), number)
  call h5lexists_f(file, 'energy_drop', there, status)
  if (there) call print_alpha_c(file)
  call h5fclose_f(file, status)
  call h5close_f(status)
end program
