# SPDX-License-Identifier: BSD-2-Clause
# What every room of the project is built with.

# ccache where there is one: CI and a second build cost seconds.
find_program(ZBUF_CCACHE ccache)
if(ZBUF_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${ZBUF_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ZBUF_CCACHE})
endif()

add_library(zbuf_options INTERFACE)
target_compile_options(zbuf_options INTERFACE
  -Wall -Wextra -Wconversion -Werror
  # The same scenario gives the same trace on every compiler: no fused multiply-add.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlaps in std::string operator+ that are not there (GCC bug 105329).
  target_compile_options(zbuf_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
target_include_directories(zbuf_options INTERFACE ${PROJECT_SOURCE_DIR})
if(ZBUF_SANITIZE)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented, std::function in <regex> looks uninitialized to it (GCC bug 105562).
    target_compile_options(zbuf_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
  endif()
  target_compile_options(zbuf_options INTERFACE
    -fsanitize=${ZBUF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(zbuf_options INTERFACE -fsanitize=${ZBUF_SANITIZE})
endif()
if(ZBUF_FUZZERS)
  target_compile_options(zbuf_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# zbuf_room(NAME SOURCES... ) makes the static library zbuf_NAME of the room in this folder.
function(zbuf_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(zbuf_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(zbuf_${name} PUBLIC zbuf_options fmt::fmt ${ROOM_LINK})
endfunction()

# zbuf_quickly_compiled(TARGET): its own files are not what is fast or slow, so the optimizer gets less to do.
function(zbuf_quickly_compiled target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# zbuf_test(NAME SOURCES... LINK... [THREADS]) makes a GoogleTest program and tells ctest each of its tests.
# THREADS: it has threads, so its tests have the label "threads", and target thread_tests builds it.
function(zbuf_test name)
  if(NOT ZBUF_TESTS)
    return()
  endif()
  cmake_parse_arguments(TEST "THREADS" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  zbuf_quickly_compiled(${name})
  target_link_libraries(${name} PRIVATE zbuf_options ${TEST_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE ZBUF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(properties TIMEOUT ${TEST_TIMEOUT})
  if(TEST_THREADS)
    list(APPEND properties LABELS threads)
    add_dependencies(thread_tests ${name})
  endif()
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# zbuf_fuzzer(NAME SOURCES... LINK...) makes a libFuzzer target; tests/CMakeLists.txt names its seeds.
function(zbuf_fuzzer name)
  if(NOT ZBUF_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${FUZZ_SOURCES})
  target_link_libraries(${name} PRIVATE zbuf_options ${FUZZ_LINK})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_property(GLOBAL APPEND PROPERTY ZBUF_FUZZER_TARGETS ${name})
  add_dependencies(fuzzers ${name})
endfunction()

# zbuf_bench(NAME SOURCES... LINK...) makes a Google Benchmark program, where that library is installed.
function(zbuf_bench name)
  if(NOT ZBUF_BENCHMARKS)
    return()
  endif()
  find_package(benchmark QUIET)
  if(NOT benchmark_FOUND)
    return()
  endif()
  cmake_parse_arguments(BENCH "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${BENCH_SOURCES})
  target_link_libraries(${name} PRIVATE zbuf_options ${BENCH_LINK} benchmark::benchmark benchmark::benchmark_main)
endfunction()
