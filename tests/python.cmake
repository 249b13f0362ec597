# fps_find_python(VARIABLE "MODULES"): a Python that can import the modules, the system's too: the first on PATH may be another
# one. Where there is none, a stand-in that says so and exits with 77, by which ctest counts a test as skipped.
function(fps_find_python variable modules)
  foreach(candidate ${Python3_EXECUTABLE} python3 /usr/bin/python3 /usr/local/bin/python3)
    execute_process(COMMAND ${candidate} -c "import ${modules}" RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
    if(missing EQUAL 0)
      set(${variable} ${candidate} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(STATUS "no Python with ${modules}: tests that need it are skipped (Debian: python3-h5py)")
  set(${variable} ${CMAKE_SOURCE_DIR}/tests/readers/no_python.sh PARENT_SCOPE)
endfunction()
