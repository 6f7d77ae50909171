# Language, warnings and what all targets share.

option(PARLEY_WERROR "Treat warnings as errors" ON)
option(PARLEY_STATIC "Prefer static third-party libraries, so that parleyd runs on a bare system" ON)
option(PARLEY_TESTS "Build the tests" ON)
option(PARLEY_CRASH_POINTS "Let tests kill the server at named points; never for what is served" OFF)
set(PARLEY_SANITIZE "" CACHE STRING "Sanitizers of this build, as -fsanitize takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT EMSCRIPTEN)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    include(CheckPIESupported)
    check_pie_supported(LANGUAGES CXX)
endif()

find_program(PARLEY_CCACHE ccache CMAKE_FIND_ROOT_PATH_BOTH)
if(PARLEY_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PARLEY_CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)  # g++ 12 is mistaken about moved variants and std::regex
endif()
if(PARLEY_WERROR)
    add_compile_options(-Werror)
endif()

if(PARLEY_SANITIZE)
    add_compile_options(-fsanitize=${PARLEY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${PARLEY_SANITIZE})
    if(PARLEY_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-tsan)  # Asio's fences; its locks are understood
    endif()
endif()

if(PARLEY_CRASH_POINTS AND CMAKE_BUILD_TYPE STREQUAL "Release")
    message(FATAL_ERROR "PARLEY_CRASH_POINTS is for tests; a release has no such points")
endif()
