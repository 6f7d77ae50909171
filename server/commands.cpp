#include "server/commands.hpp"

#include "server/api/passwords.hpp"
#include "server/store/sqlite_tools.hpp"
#include "shared/wire/validate.hpp"

#include <iostream>
#include <stdexcept>

namespace parley {
namespace {

std::string checked_name(const config& options) {
    auto name = check_user_name(options.user_name);
    if (!name) throw std::runtime_error{"\"" + options.user_name + "\" is no user name"};
    return *std::move(name);
}

int reset(const config& options) {
    const auto name = checked_name(options);
    const auto password = make_password();
    const auto hash = hash_password(password);
    if (!hash) throw std::runtime_error{"there is no memory to hash a password"};
    reset_password(options.data, name, *hash);
    std::cout << "The new password of " << name << " is: " << password << '\n';
    return 0;
}

int disable(const config& options) {
    const auto name = checked_name(options);
    disable_user(options.data, name);
    std::cout << name << " is signed out and can't sign in any more\n";
    return 0;
}

int back_up_to_file(const config& options) {
    back_up(options.data, options.backup_file);
    std::cout << "Written to " << options.backup_file.string() << '\n';
    return 0;
}

}  // namespace

int run_command(const config& options) {
    switch (options.what) {
    case command::reset_password: return reset(options);
    case command::disable_user: return disable(options);
    case command::backup: return back_up_to_file(options);
    case command::serve: break;
    }
    throw std::logic_error{"serving is no command"};
}

}  // namespace parley
