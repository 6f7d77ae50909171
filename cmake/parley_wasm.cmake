# What em++ needs: small code, two header folders, and its optimiser's JavaScript libraries.

add_compile_options(-flto -fno-exceptions -fno-rtti -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(NDEBUG)  # silences the libraries' own assertions, which bring printf; ours stay on
add_link_options(-flto -Oz)

# Never -I/usr/include, which holds the native system's headers: only the folders that the core uses.
set(headers ${CMAKE_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${headers})
foreach(folder flatbuffers tl)
    file(CREATE_LINK /usr/include/${folder} ${headers}/${folder} SYMBOLIC)
endforeach()
include_directories(SYSTEM ${headers})

# The linker's optimiser loads acorn from Debian's Node modules, which a Node from elsewhere does not look at.
set(CMAKE_CXX_LINKER_LAUNCHER ${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs)
