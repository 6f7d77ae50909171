# parley_migrations(<variable> <folder> <database>): a .cpp that holds the numbered SQL files of the folder, in order,
# and gives them as parley::<database>::migrations().
function(parley_migrations variable folder database)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sql)
    list(SORT files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(rows "")
    set(expected 0)
    foreach(file IN LISTS files)
        cmake_path(GET file STEM name)
        string(REGEX MATCH "^[0-9]+" number "${name}")
        math(EXPR expected "${expected} + 1")
        math(EXPR number "${number}")
        if(NOT number EQUAL expected)
            message(FATAL_ERROR "${file}: migration ${expected} is missing")
        endif()
        file(READ ${file} sql)
        string(APPEND rows "    {${number}, \"${name}\", R\"sql(${sql})sql\"},\n")
    endforeach()
    string(CONCAT text "#include \"server/store/${database}_schema.hpp\"

namespace parley::${database} {

namespace {

constexpr migration all[] = {
${rows}};

}  // namespace

std::span<const migration> migrations() {
    return all;
}

}  // namespace parley::${database}
")
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${database}_migrations.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
    set(${variable} ${output} PARENT_SCOPE)
endfunction()
