# flatc turns every schema x/y.fbs of shared/ into <build>/generated/x/y_generated.h.

find_program(FLATC flatc REQUIRED)
set(PARLEY_GENERATED ${CMAKE_BINARY_DIR}/generated)

file(GLOB_RECURSE schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/shared/*.fbs)
set(generated_headers)
foreach(schema IN LISTS schemas)
    cmake_path(GET schema PARENT_PATH folder)
    cmake_path(GET schema STEM name)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${folder})
    set(header ${PARLEY_GENERATED}/${folder}/${name}_generated.h)
    add_custom_command(
        OUTPUT ${header}
        COMMAND ${FLATC} --cpp --cpp-std c++17 --scoped-enums --keep-prefix
                -I ${CMAKE_SOURCE_DIR} -o ${PARLEY_GENERATED}/${folder} ${schema}
        DEPENDS ${schemas}
        COMMENT "flatc ${folder}/${name}.fbs"
        VERBATIM)
    list(APPEND generated_headers ${header})
endforeach()

file(MAKE_DIRECTORY ${PARLEY_GENERATED})
add_custom_target(parley_schema DEPENDS ${generated_headers})
