# exports.cmake: write the linker's export map of libfpsweep.so from the public headers: what they name is exported, and
# nothing else of the library is visible.
#
#   cmake -DHEADERS=FOLDER -DMAP=FILE -DVERSION=MAJOR.MINOR -P exports.cmake
#
# Names in comments do not count. Names that a header passes through FPS_REAL_NAME exist once per precision.
file(GLOB headers ${HEADERS}/*.h)
set(names "")
foreach(header ${headers})
  file(READ ${header} text)
  string(REPLACE ";" " " text "${text}")
  string(REPLACE "[" "(" text "${text}") # lists of CMake would nest
  string(REPLACE "]" ")" text "${text}")
  string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" " " text "${text}")
  string(REGEX MATCHALL "FPS_REAL_NAME\\(fps_[a-z0-9_]+\\)" twice "${text}")
  foreach(use ${twice})
    string(REGEX REPLACE ".*\\((.*)\\)" "\\1" name ${use})
    list(APPEND names ${name}_single ${name}_double)
  endforeach()
  string(REGEX MATCHALL "fps_[a-z0-9_]+" words "${text}")
  list(APPEND names ${words})
endforeach()
list(REMOVE_DUPLICATES names)
list(SORT names)
list(LENGTH names count)
if(count LESS 100)
  message(FATAL_ERROR "${HEADERS}: only ${count} names were found in the public headers")
endif()
list(JOIN names ";\n    " lines)
file(WRITE ${MAP} "FPSWEEP_${VERSION} {\n  global:\n    ${lines};\n  local:\n    *;\n};\n")
