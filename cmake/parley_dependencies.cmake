# Third-party libraries of the server, static where the system offers that.

set(THREADS_PREFER_PTHREAD_FLAG ON)
set(OPENSSL_USE_STATIC_LIBS ${PARLEY_STATIC})
set(Boost_USE_STATIC_LIBS ${PARLEY_STATIC})
set(ZLIB_USE_STATIC_LIBS ${PARLEY_STATIC})

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_path(SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
find_path(TL_EXPECTED_INCLUDE tl/expected.hpp REQUIRED)
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

# parley_find_library(<target> <name> <header>): for libraries that bring no CMake files.
function(parley_find_library target name header)
    string(MAKE_C_IDENTIFIER ${name} id)
    set(names ${name})
    if(PARLEY_STATIC)
        list(PREPEND names lib${name}.a)
    endif()
    find_library(${id}_LIBRARY NAMES ${names} REQUIRED)
    find_path(${id}_INCLUDE ${header} REQUIRED)
    add_library(${target} INTERFACE IMPORTED)
    target_include_directories(${target} SYSTEM INTERFACE ${${id}_INCLUDE})
    target_link_libraries(${target} INTERFACE ${${id}_LIBRARY} Threads::Threads ${CMAKE_DL_LIBS} m)
endfunction()

parley_find_library(parley::sqlite sqlite3 sqlite3.h)
parley_find_library(parley::sodium sodium sodium.h)
parley_find_library(parley::hiredis hiredis hiredis/hiredis.h)
parley_find_library(parley::pqxx pqxx pqxx/version.hxx)

# Headers alone: what libpqxx calls of libpq is looked up when it is first needed (server/store/libpq.cpp).
find_path(LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
target_include_directories(parley::pqxx SYSTEM INTERFACE ${LIBPQ_INCLUDE})

# Headers alone: Debian's own target for them links fmt's shared library all the same.
add_library(parley::spdlog INTERFACE IMPORTED)
target_include_directories(parley::spdlog SYSTEM INTERFACE ${SPDLOG_INCLUDE})
target_link_libraries(parley::spdlog INTERFACE fmt::fmt-header-only Threads::Threads)

# Every file that sees Asio or Beast must see the same definitions, wherever it is linked.
add_compile_definitions(
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_CO_AWAIT=1
    SPDLOG_FMT_EXTERNAL)
