#include "shared/base/limits.hpp"
#include "tests/unit/store/stores.hpp"

using namespace parley;
using namespace parley::testing;

namespace {

constexpr std::int64_t now = 1'700'000'000'000;

stored_user user_named(const person& who) {
    return {who.id, who.name, "$argon2id$" + who.name, user_role::member, false, now};
}

secret_hash secret(std::uint8_t n) {
    secret_hash out{};
    out.fill(n);
    return out;
}

stored_login login(const person& of, std::uint64_t n, login_kind kind = login_kind::cookie,
                   std::int64_t expires_ms = 0) {
    return {login_id{{9, n}}, of.id, kind, kind == login_kind::token ? "robot" : "", now, expires_ms};
}

}  // namespace

TEMPLATE_TEST_CASE("the first user owns the server", "", PARLEY_STORES) {
    TestType under;
    CHECK(under.store.count_users().value() == 0);
    CHECK(under.store.create_user(user_named(ann), {}, now)->role == user_role::owner);
    CHECK(under.store.create_user(user_named(bob), {}, now)->role == user_role::member);
    CHECK(under.store.count_users().value() == 2);

    const auto found = under.store.find_user("ann").value();
    REQUIRE(found);
    CHECK(found->id == ann.id);
    CHECK(found->role == user_role::owner);
    CHECK(found->password_hash == "$argon2id$ann");
    CHECK(found->created_ms == now);
    CHECK_FALSE(found->disabled);
    CHECK(under.store.find_user(bob.id).value()->name == "bob");
    CHECK_FALSE(under.store.find_user("eve").value());
    CHECK_FALSE(under.store.find_user(eve.id).value());
}

TEMPLATE_TEST_CASE("a name is given once and costs no invitation when it is taken", "", PARLEY_STORES) {
    TestType under;
    std::ignore = under.store.create_user(user_named(ann), {}, now);
    std::ignore = under.store.add_invite({login_id{{3, 3}}, ann.id, now, now + 1000}, secret(1));
    auto second = user_named(bob);
    second.name = "ann";
    CHECK(under.store.create_user(second, secret(1), now).error().code == errc::name_taken);
    CHECK(under.store.create_user(user_named(bob), secret(1), now).has_value());
}

TEMPLATE_TEST_CASE("an invitation is good for one account until it expires", "", PARLEY_STORES) {
    TestType under;
    std::ignore = under.store.create_user(user_named(ann), {}, now);
    std::ignore = under.store.add_invite({login_id{{3, 1}}, ann.id, now, now + 1000}, secret(1));
    std::ignore = under.store.add_invite({login_id{{3, 2}}, ann.id, now, now + 5000}, secret(2));
    CHECK(under.store.create_user(user_named(bob), secret(9), now).error().code == errc::bad_invite);
    CHECK(under.store.create_user(user_named(bob), secret(1), now + 1000).error().code == errc::bad_invite);
    CHECK_FALSE(under.store.find_user("bob").value());

    const auto listed = under.store.list_invites(now + 2000).value();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].id == login_id{{3, 2}});
    CHECK(listed[0].made_by == ann.id);
    CHECK(under.store.create_user(user_named(bob), secret(2), now + 2000).has_value());
    CHECK(under.store.create_user(user_named(eve), secret(2), now + 2000).error().code == errc::bad_invite);

    CHECK(under.store.drop_invite(login_id{{3, 1}}).value());
    CHECK_FALSE(under.store.drop_invite(login_id{{3, 1}}).value());
}

TEMPLATE_TEST_CASE("a login is found by its secret until it expires or ends", "", PARLEY_STORES) {
    TestType under;
    std::ignore = under.store.create_user(user_named(ann), {}, now);
    REQUIRE(under.store.add_login(login(ann, 1), secret(1)));
    REQUIRE(under.store.add_login(login(ann, 2, login_kind::token, now + 1000), secret(2)));

    const auto found = under.store.find_login(secret(1), now).value();
    REQUIRE(found);
    CHECK(found->user.name == "ann");
    CHECK(found->login.id == login_id{{9, 1}});
    CHECK(found->login.kind == login_kind::cookie);
    CHECK_FALSE(under.store.find_login(secret(3), now).value());
    CHECK(under.store.find_login(secret(2), now + 999).value());
    CHECK_FALSE(under.store.find_login(secret(2), now + 1000).value());

    const auto tokens = under.store.list_tokens(ann.id).value();
    REQUIRE(tokens.size() == 1);
    CHECK(tokens[0].name == "robot");
    CHECK(tokens[0].expires_ms == now + 1000);

    CHECK_FALSE(under.store.end_login(bob.id, login_id{{9, 1}}).value());
    CHECK(under.store.end_login(ann.id, login_id{{9, 1}}).value());
    CHECK_FALSE(under.store.end_login(ann.id, login_id{{9, 1}}).value());
    CHECK_FALSE(under.store.find_login(secret(1), now).value());
}

TEMPLATE_TEST_CASE("a new password ends every login of the user and no other's", "", PARLEY_STORES) {
    TestType under;
    for (const auto& who : {ann, bob})
        std::ignore = under.store.create_user(user_named(who), {}, now);
    for (std::uint8_t n = 1; n <= 3; ++n)
        REQUIRE(under.store.add_login(login(n == 3 ? bob : ann, n), secret(n)));

    const std::vector<login_id> of_ann{login_id{{9, 1}}, login_id{{9, 2}}};
    SECTION("a password") {
        CHECK(under.store.set_password(ann.id, "new").value() == of_ann);
        CHECK(under.store.find_user("ann").value()->password_hash == "new");
    }
    SECTION("a disabled account") {
        CHECK(under.store.disable_user(ann.id).value() == of_ann);
        CHECK(under.store.find_user("ann").value()->disabled);
        REQUIRE(under.store.add_login(login(ann, 7), secret(7)));
        CHECK_FALSE(under.store.find_login(secret(7), now).value());
    }
    CHECK_FALSE(under.store.find_login(secret(1), now).value());
    CHECK(under.store.find_login(secret(3), now).value());
    CHECK(under.store.set_password(eve.id, "new").error().code == errc::not_found);
    CHECK(under.store.disable_user(eve.id).error().code == errc::not_found);
}

TEMPLATE_TEST_CASE("ended logins are told once to who asks on", "", PARLEY_STORES) {
    TestType under;
    std::ignore = under.store.create_user(user_named(ann), {}, now);
    for (std::uint8_t n = 1; n <= 4; ++n)
        REQUIRE(under.store.add_login(login(ann, n), secret(n)));
    REQUIRE(under.store.end_login(ann.id, login_id{{9, 1}}).value());

    const auto start = under.store.logins_ended_since(-1).value();
    CHECK(start.logins.empty());
    CHECK(under.store.logins_ended_since(start.cursor)->logins.empty());

    REQUIRE(under.store.end_login(ann.id, login_id{{9, 3}}).value());
    REQUIRE(under.store.set_password(ann.id, "new"));
    const auto told = under.store.logins_ended_since(start.cursor).value();
    CHECK(told.logins == std::vector<login_id>{login_id{{9, 3}}, login_id{{9, 2}}, login_id{{9, 4}}});
    CHECK(under.store.logins_ended_since(told.cursor)->logins.empty());
    CHECK(under.store.logins_ended_since(0)->logins.size() == 4);
}

TEMPLATE_TEST_CASE("expired logins go when new ones come", "", PARLEY_STORES) {
    TestType under;
    std::ignore = under.store.create_user(user_named(ann), {}, now);
    REQUIRE(under.store.add_login(login(ann, 1, login_kind::token, now - 5), secret(1)));
    REQUIRE(under.store.add_login(login(ann, 2, login_kind::token), secret(2)));
    CHECK(under.store.list_tokens(ann.id)->size() == 1);
}
