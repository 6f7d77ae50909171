# `cmake --install` and `cpack` give a tree that runs on a system without compiler or libraries.

set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

if(TARGET parleyd)
    install(TARGETS parleyd RUNTIME DESTINATION bin)
endif()
if(TARGET parley-replay)
    install(TARGETS parley-replay RUNTIME DESTINATION bin OPTIONAL)  # scripts/serve builds the server alone
endif()
install(DIRECTORY web/dist/ DESTINATION share/parley/web OPTIONAL)
install(FILES LICENSE server/api/common_passwords.md DESTINATION share/doc/parley)
install(FILES README.md CHANGELOG.md ARCHITECTURE.md DESTINATION share/doc/parley OPTIONAL)
install(DIRECTORY docs/ DESTINATION share/doc/parley/docs OPTIONAL)
install(FILES deploy/parley.service deploy/nginx.conf DESTINATION share/doc/parley/deploy OPTIONAL)

set(CPACK_GENERATOR TGZ)
set(CPACK_PACKAGE_NAME parley)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_FILE_NAME parley-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
include(CPack)
