# SPDX-License-Identifier: BSD-2-Clause
# Compiles C sources as a kernel would: with no header but the compiler's own, and nothing to link with. What they
# call, they must bring along; only zb_* may be undefined in an object.
#   cmake -DCOMPILER=NAMES -DROOT=DIR -DSOURCES=GLOB -DWORK=DIR -P check.cmake
find_program(cc NAMES ${COMPILER})
find_program(nm NAMES nm llvm-nm llvm-nm-14)
if(NOT cc OR NOT nm)
  message("SKIPPED: none of ${COMPILER} is installed, or nm is not")
  return()
endif()

# Its own folder of headers: GCC and clang name it differently.
foreach(where include ../include)
  execute_process(COMMAND ${cc} -print-file-name=${where} OUTPUT_VARIABLE include OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(EXISTS ${include}/stdint.h)
    break()
  endif()
endforeach()
file(GLOB sources ${ROOT}/${SOURCES})
if(NOT sources)
  message(FATAL_ERROR "no sources: ${ROOT}/${SOURCES}")
endif()
file(MAKE_DIRECTORY ${WORK})

foreach(source ${sources})
  get_filename_component(name ${source} NAME)
  execute_process(
    COMMAND ${cc} -std=c11 -pedantic -Wall -Wextra -Werror -O2 -ffreestanding -nostdinc -isystem ${include}
            -I${ROOT} -c ${source} -o ${WORK}/${name}.o
    RESULT_VARIABLE failed ERROR_VARIABLE errors)
  if(failed)
    message(FATAL_ERROR "${name} is not freestanding C11 for ${cc}:\n${errors}")
  endif()
  execute_process(COMMAND ${nm} -u ${WORK}/${name}.o OUTPUT_VARIABLE undefined)
  string(REGEX REPLACE " *U zb_[a-z0-9_]*\n" "" foreign "${undefined}")
  if(foreign)
    message(FATAL_ERROR "${name} needs what is not its own (${cc}):\n${foreign}")
  endif()
endforeach()
list(LENGTH sources count)
message("${count} sources, ${cc}")
