#pragma once

#include "server/store/sql_accounts.hpp"
#include "server/store/sql_lists.hpp"
#include "server/store/sql_rooms.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_log.hpp"

/// Everything a store ever asks its database, on one connection: for the tests of its plans.
namespace parley::testing {

inline constexpr std::int64_t now = 1'700'000'000'000;

/// `Writer`: the database's `batch_writer`.
template <class Writer, class Database>
void use_rooms(Database& db) {
    const room_id garden{{7, 1}};
    const auto epoch = raise_epoch(db, now, 1);
    std::uint64_t seq = 0;
    const auto next = [&](change_kind kind, const person& by) {
        placed_entry entry;
        entry.n = ++seq;
        entry.event = {garden, seq, epoch, {by.id, op_id{{1, seq % 4}}}, by.name, now, kind, "n", "t", {}, 0};
        return std::make_shared<const log_entry>(entry);
    };
    commit_batch batch{epoch, 0, {}, {{ann.id, garden, 1}}};
    for (const auto kind : {change_kind::create, change_kind::message, change_kind::join, change_kind::leave,
                            change_kind::message})
        batch.events.push_back(next(kind, ann));
    for (int twice = 0; twice < 2; ++twice)
        REQUIRE(Writer{db, {}}.write(batch).has_value());
    for (const auto kind : {change_kind::join, change_kind::leave})
        REQUIRE(Writer{db, {}}.write({epoch, 0, {next(kind, bob)}, {}}).has_value());

    std::ignore = sql::load_room(db, garden);
    std::ignore = sql::read_before(db, garden, 0, 10);
    std::ignore = sql::read_after(db, garden, 1, 10);
    std::ignore = sql::find_changes(db, garden, std::vector{change_id{ann.id, op_id{{1, 1}}}});
    std::ignore = sql::rooms_of(db, ann.id);
    std::ignore = sql::list_rooms(db, ann.id, {}, 10);
    std::ignore = sql::list_members(db, garden, {}, 10);
}

template <class Database>
void use_accounts(Database& db) {
    const secret_hash secret{};
    std::ignore =
        sql::create_user(db, {ann.id, ann.name, "hash", user_role::member, false, now}, secret, now);
    std::ignore = sql::create_user(db, {ann.id, ann.name, "hash", user_role::member, false, now}, {}, now);
    sql::add_login(db, {login_id{{2, 1}}, ann.id, login_kind::token, "robot", now, 0}, secret);
    std::ignore = sql::find_login(db, secret, now);
    std::ignore = sql::list_tokens(db, ann.id);
    std::ignore = sql::end_login(db, ann.id, login_id{{2, 1}});
    std::ignore = sql::set_password(db, ann.id, "other");
    std::ignore = sql::disable_user(db, ann.id);
    std::ignore = sql::logins_ended_since(db, -1);
    std::ignore = sql::logins_ended_since(db, 0);
    sql::add_invite(db, {login_id{{3, 1}}, ann.id, now, now + 1}, secret);
    std::ignore = sql::list_invites(db, now);
    std::ignore = sql::drop_invite(db, login_id{{3, 1}});
    sql::set_meta(db, "key", "value");
    std::ignore = sql::meta_value(db, "key");
}

}  // namespace parley::testing
