#pragma once

#include <filesystem>
#include <string>

/// What other processes than the server do with its file, also while it runs. What is wrong throws
/// std::runtime_error with one line for people.
namespace parley {

/// A consistent copy of the store as it is now. It appears under `to` whole or not at all; `to` must not
/// exist. To restore it, stop the server and put it in the place of `parley.db` in a folder without the other
/// two `parley.db-...` files.
void back_up(const std::filesystem::path& folder, const std::filesystem::path& to);

/// Both end all logins of the user; the server cuts their sockets within a second.
void reset_password(const std::filesystem::path& folder, const std::string& user, const std::string& hash);
void disable_user(const std::filesystem::path& folder, const std::string& user);

}  // namespace parley
