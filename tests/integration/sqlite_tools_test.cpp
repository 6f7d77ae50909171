#include "server/store/sqlite_tools.hpp"

#include "server/store/sqlite_store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/store_child.hpp"
#include "tests/support/store_folder.hpp"
#include "tests/support/store_log.hpp"

#include <fstream>

using namespace parley;
using namespace parley::testing;
using Catch::Matchers::Contains;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;

secret_hash secret(std::uint8_t n) {
    secret_hash out{};
    out.fill(n);
    return out;
}

void sign_in(sqlite_store& store, const person& who, std::uint8_t n) {
    std::ignore = store.create_user({who.id, who.name, "old", user_role::member, false, now}, {}, now);
    REQUIRE(store.add_login({login_id{{9, n}}, who.id, login_kind::cookie, "", now, 0}, secret(n)));
}

}  // namespace

TEST_CASE("a backup taken while the server writes is whole and starts as a store") {
    store_folder folder, shelf;
    const auto copy = shelf.path() / "parley.db";
    sqlite_store store{sqlite_options{folder.path()}};
    store_log log{store};
    log.write({log.join(general_room, ann), log.say(general_room, ann, "before")});

    store_child copier{[&](const auto& tell) {
        back_up(folder.path(), copy);
        tell("done");
    }};
    for (int i = 0; i < 300; ++i)
        REQUIRE(log.write({log.say(general_room, ann, std::to_string(i))}).what ==
                commit_outcome::kind::committed);
    REQUIRE(copier.next() == "done");

    sqlite_store restored{sqlite_options{shelf.path()}};
    const auto loaded = restored.load_room(general_room).value();
    CHECK(loaded.head >= 3);
    CHECK(loaded.members.size() == 1);
    CHECK(restored.read_before(general_room, 0, 1)->events.at(0).seq == loaded.head);
    CHECK(restored.payload_key().k0 == store.payload_key().k0);
    CHECK(store_log{restored, 5}.epoch() > log.epoch());
}

TEST_CASE("a backup does not write over anything") {
    store_folder folder, shelf;
    { sqlite_store store{sqlite_options{folder.path()}}; }
    const auto copy = shelf.path() / "parley.db";
    std::ofstream{copy} << "precious";
    CHECK_THAT(complaint_of_child([&] { back_up(folder.path(), copy); }),
               Contains(copy.string()) && Contains("exists already"));
    CHECK(bytes_of(copy) == "precious");
    CHECK_THAT(complaint_of_child([&] { back_up(folder.path(), shelf.path() / "not" / "there"); }),
               Contains((shelf.path() / "not" / "there").string()));
    CHECK_THAT(complaint_of_child([&] { back_up(shelf.path() / "none", copy); }), Contains("does not exist"));
}

TEST_CASE("a password that another process sets ends the user's logins while the server runs") {
    store_folder folder;
    sqlite_store store{sqlite_options{folder.path()}};
    store_log log{store};
    sign_in(store, ann, 1);
    sign_in(store, bob, 2);
    const auto start = store.logins_ended_since(-1)->cursor;

    CHECK(complaint_of_child([&] { reset_password(folder.path(), "ann", "new"); }).empty());
    CHECK(store.logins_ended_since(start)->logins == std::vector<login_id>{login_id{{9, 1}}});
    CHECK(store.find_user("ann").value()->password_hash == "new");
    CHECK_FALSE(store.find_login(secret(1), now).value());
    CHECK(store.find_login(secret(2), now).value());

    CHECK(complaint_of_child([&] { disable_user(folder.path(), "bob"); }).empty());
    CHECK(store.find_user("bob").value()->disabled);
    CHECK(store.logins_ended_since(start)->logins.size() == 2);
    CHECK(log.write({log.say(general_room, ann, "still writing")}).what == commit_outcome::kind::committed);

    CHECK_THAT(complaint_of_child([&] { disable_user(folder.path(), "eve"); }),
               Contains("no user named eve"));
}

TEST_CASE("other processes and the server write at the same time without losing anything") {
    store_folder folder;
    sqlite_store store{sqlite_options{folder.path()}};
    store_log log{store};
    sign_in(store, ann, 1);
    store_child other{[&](const auto& tell) {
        for (int i = 0; i < 50; ++i)
            reset_password(folder.path(), "ann", std::to_string(i));
        tell("done");
    }};
    for (int i = 0; i < 200; ++i)
        REQUIRE(log.write({log.say(general_room, ann, "x")}).what == commit_outcome::kind::committed);
    REQUIRE(other.next() == "done");
    CHECK(store.find_user("ann").value()->password_hash == "49");
    CHECK(store.load_room(general_room)->head == 201);
}
