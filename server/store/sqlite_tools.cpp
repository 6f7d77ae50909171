#include "server/store/sqlite_tools.hpp"

#include "server/store/posix_file.hpp"
#include "server/store/sql_accounts.hpp"
#include "server/store/sqlite_schema.hpp"

#include <stdexcept>
#include <system_error>

namespace parley {

namespace {

using sqlite::database;

constexpr const char* copy_into = "VACUUM INTO ?1";

std::filesystem::path file_in(const std::filesystem::path& folder) {
    auto file = folder / "parley.db";
    if (!std::filesystem::exists(file)) {
        throw std::runtime_error{file.string() +
                                 " does not exist: name the server's folder with --data, or start it once"};
    }
    sqlite::check_file(file);
    return file;
}

/// One transaction beside the server's.
template <class Change>
void change(const std::filesystem::path& folder, const std::string& user, Change change) {
    const auto file = file_in(folder);
    try {
        database db{file, sqlite::access::write};
        sqlite::prepare_writer(db);
        if (sqlite::version_of(db) < sqlite::newest_version())
            throw std::runtime_error{file.string() + " is of an older version: start this server once first"};
        sqlite::transaction whole{db, sqlite::transaction::kind::writing};
        const auto known = sql::find_user(db, user);
        if (!known) throw std::runtime_error{"there is no user named " + user};
        if (!change(db, known->id)) throw std::runtime_error{"there is no user named " + user};
        whole.commit();
    } catch (const sqlite::failure& why) {
        throw std::runtime_error{sqlite::explain(why, file)};
    }
}

}  // namespace

void back_up(const std::filesystem::path& folder, const std::filesystem::path& to) {
    const auto file = file_in(folder);
    if (std::filesystem::exists(to))
        throw std::runtime_error{to.string() + " exists already: name a file that does not"};
    const std::filesystem::path growing = to.string() + ".partial";
    std::error_code none;
    std::filesystem::remove(growing, none);
    try {
        database db{file, sqlite::access::read};
        db.set_busy_timeout(sqlite::patience);
        db.change(copy_into, growing.string());
        posix::make_private(growing);
        posix::move_durably(growing, to);
    } catch (const sqlite::failure& why) {
        std::filesystem::remove(growing, none);
        const bool of_copy = why.kind() == sqlite::trouble::full || why.kind() == sqlite::trouble::unwritable;
        throw std::runtime_error{sqlite::explain(why, of_copy ? to : file)};
    }
}

void reset_password(const std::filesystem::path& folder, const std::string& user, const std::string& hash) {
    change(folder, user,
           [&](database& db, user_id id) { return sql::set_password(db, id, hash).has_value(); });
}

void disable_user(const std::filesystem::path& folder, const std::string& user) {
    change(folder, user, [](database& db, user_id id) { return sql::disable_user(db, id).has_value(); });
}

}  // namespace parley
