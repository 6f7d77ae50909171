# What em++ needs: small code, two header folders, and its optimiser's JavaScript libraries.

# With -Oz, em++ forbids LLVM to inline, which leaves every accessor of the standard library a function of its own.
set(features -mbulk-memory -msign-ext -mnontrapping-fptoint)  # what every browser has since 2021
add_compile_options(-flto -finline-functions ${features} -fno-exceptions -fno-rtti
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_compile_definitions(NDEBUG)  # silences the libraries' own assertions, which bring printf; ours stay on
add_link_options(-flto -Oz ${features}
    -sBINARYEN_EXTRA_PASSES=converge,reorder-functions,strip-producers,strip-target-features)

# Never -I/usr/include, which holds the native system's headers: only the folders that the core uses.
set(headers ${CMAKE_BINARY_DIR}/include)
file(MAKE_DIRECTORY ${headers})
foreach(folder flatbuffers tl)
    file(CREATE_LINK /usr/include/${folder} ${headers}/${folder} SYMBOLIC)
endforeach()
include_directories(SYSTEM ${headers})

# The linker's optimiser loads acorn from Debian's Node modules, which a Node from elsewhere does not look at.
set(CMAKE_CXX_LINKER_LAUNCHER ${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs)

# parley_bare_wasm(<target> <name>): <build>/<name>.wasm, without generated glue.
function(parley_bare_wasm target name)
    target_link_options(${target} PRIVATE -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH -sMALLOC=emmalloc)
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME ${name} SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()
