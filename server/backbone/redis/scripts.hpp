#pragma once

#include <string_view>

/// The Lua files of this folder, as the build has put them into the program.
namespace parley::redis::scripts {

extern const std::string_view append;
extern const std::string_view begin;
extern const std::string_view common;
extern const std::string_view look;
extern const std::string_view settle;

}  // namespace parley::redis::scripts
