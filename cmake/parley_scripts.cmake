# parley_scripts(<variable> <folder>): a .cpp that holds the Lua files of the folder for server/backbone/redis/scripts.hpp.
function(parley_scripts variable folder)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.lua)
    list(SORT files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
    set(rows "")
    foreach(file IN LISTS files)
        cmake_path(GET file STEM name)
        file(READ ${file} lua)
        string(APPEND rows "const std::string_view ${name} = R\"lua(${lua})lua\";\n\n")
    endforeach()
    string(CONCAT text "#include \"server/backbone/redis/scripts.hpp\"

namespace parley::redis::scripts {

${rows}}  // namespace parley::redis::scripts
")
    set(output ${CMAKE_CURRENT_BINARY_DIR}/redis_scripts.cpp)
    file(CONFIGURE OUTPUT ${output} CONTENT "${text}" @ONLY)
    set(${variable} ${output} PARENT_SCOPE)
endfunction()
