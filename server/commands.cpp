#include "server/commands.hpp"

#include "server/api/passwords.hpp"
#include "server/open_store.hpp"
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

/// Of a store that other processes may change, too.
template <class Change>
void change_user(const config& options, const std::string& name, Change change) {
    const auto store = open_store(options);
    const auto refuse = [](const error& why) {
        throw std::runtime_error{why.detail.empty() ? std::string{sentence_of(why.code)} : why.detail};
    };
    const auto user = store.accounts->find_user(name);
    if (!user) refuse(user.error());
    if (!*user) throw std::runtime_error{"there is no user named " + name};
    if (const auto changed = change(*store.accounts, (*user)->id); !changed) refuse(changed.error());
}

int reset(const config& options) {
    const auto name = checked_name(options);
    const auto password = make_password();
    const auto hash = hash_password(password);
    if (!hash) throw std::runtime_error{"there is no memory to hash a password"};
    if (options.store == store_kind::postgres) {
        change_user(options, name, [&](auto& in, user_id id) { return in.set_password(id, *hash); });
    } else {
        reset_password(options.data, name, *hash);
    }
    std::cout << "The new password of " << name << " is: " << password << '\n';
    return 0;
}

int disable(const config& options) {
    const auto name = checked_name(options);
    if (options.store == store_kind::postgres) {
        change_user(options, name, [](auto& in, user_id id) { return in.disable_user(id); });
    } else {
        disable_user(options.data, name);
    }
    std::cout << name << " is signed out and can't sign in any more\n";
    return 0;
}

int back_up_to_file(const config& options) {
    if (options.store == store_kind::postgres)
        throw std::runtime_error{"backup copies a SQLite file: use pg_dump for " + options.database.name};
    back_up(options.data, options.backup_file);
    std::cout << "Written to " << options.backup_file.string() << '\n';
    return 0;
}

int migrate(const config& options) {
    std::cout << (migrate_store(options) ? "The tables are up to date now\n"
                                         : "The tables were up to date already\n");
    return 0;
}

}  // namespace

int run_command(const config& options) {
    switch (options.what) {
    case command::reset_password: return reset(options);
    case command::disable_user: return disable(options);
    case command::backup: return back_up_to_file(options);
    case command::migrate: return migrate(options);
    case command::serve: break;
    }
    throw std::logic_error{"serving is no command"};
}

}  // namespace parley
