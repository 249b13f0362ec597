# install.cmake: what `cmake --install` puts where, and how other projects find it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- program and library ----
install(TARGETS fpsweep RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(TARGETS fpsweep_shared EXPORT fpsweepTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library NAMELINK_COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/fpsweep DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# ---- find_package(fpsweep) ----
set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/fpsweep)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/fpsweepConfig.cmake.in ${PROJECT_BINARY_DIR}/fpsweepConfig.cmake
  INSTALL_DESTINATION ${cmake_folder} NO_SET_AND_CHECK_MACRO)
# Before 1.0 each minor version may change the library.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/fpsweepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT fpsweepTargets NAMESPACE fpsweep:: DESTINATION ${cmake_folder} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/fpsweepConfig.cmake ${PROJECT_BINARY_DIR}/fpsweepConfigVersion.cmake
  DESTINATION ${cmake_folder} COMPONENT development)

# ---- pkg-config ----
# The headers include <mpi.h>: the module of the MPI that was used, if it has one; else callers compile by mpicc.
set(FPSWEEP_PC_REQUIRES "")
if(MPI_C_LIBRARY_VERSION_STRING MATCHES "Open MPI")
  set(candidates ompi-c)
else()
  set(candidates mpich mpich2-c mvapich2)
endif()
foreach(module ${candidates})
  pkg_check_modules(FPSWEEP_PC_MPI QUIET ${module})
  if(FPSWEEP_PC_MPI_FOUND AND NOT FPSWEEP_PC_REQUIRES)
    set(FPSWEEP_PC_REQUIRES ${module})
  endif()
endforeach()
# Relative to the file itself, so that a tree may be moved.
file(RELATIVE_PATH FPSWEEP_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/fpsweep.pc.in ${PROJECT_BINARY_DIR}/fpsweep.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/fpsweep.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# ---- man pages, completion ----
if(TARGET fpsweep_documents)
  install(FILES ${PROJECT_BINARY_DIR}/src/fpsweep.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES ${PROJECT_BINARY_DIR}/src/fpsweep-sweep.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT program)
  install(FILES ${PROJECT_BINARY_DIR}/src/fpsweep.bash RENAME fpsweep COMPONENT program
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()

# ---- sweeps, job scripts, documents ----
install(DIRECTORY sweeps DESTINATION ${CMAKE_INSTALL_DATADIR}/fpsweep COMPONENT program)
install(DIRECTORY jobs DESTINATION ${CMAKE_INSTALL_DATADIR}/fpsweep COMPONENT program USE_SOURCE_PERMISSIONS
  PATTERN packaging EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md CITATION.cff CONTRIBUTING.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT program)

# ---- packages: `cpack` in the build folder makes a .tar.gz, and a .deb where dpkg is ----
set(CPACK_PACKAGE_NAME fpsweep)
set(CPACK_PACKAGE_VENDOR "fpsweep developers")
set(CPACK_PACKAGE_CONTACT "fpsweep developers <fpsweep@localhost>") # a Maintainer field needs an address
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_FILE_NAME fpsweep_${PROJECT_VERSION}_${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)
set(CPACK_MONOLITHIC_INSTALL ON)
set(CPACK_GENERATOR TGZ)
find_program(DPKG dpkg-shlibdeps)
if(DPKG)
  list(APPEND CPACK_GENERATOR DEB)
endif()
# Libraries from what was linked; besides: mpirun, gnuplot for figures, and what is needed to build on libfpsweep.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "openmpi-bin")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot, man-db, bash-completion")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libopenmpi-dev, python3-xarray, python3-h5py, netcdf-bin")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${PROJECT_BINARY_DIR}/deb/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/deb/triggers)
include(CPack)
