#include "server/hub/hub.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

/// A login that has ended or expired holds no session.
namespace {

login_id login_of(user_id user) {
    return {{4, user.value.lo}};
}

}  // namespace

TEST_CASE("a session ends when its login expires, said hello or not") {
    hub_world world;
    const auto expires_ms = world.now.wall_ms + limits::hello_ms - 1'000;
    auto& silent = world.connect(ann, "ann", expires_ms);
    auto& greeted = world.connect(ann, "ann", expires_ms);
    world.say(greeted, wire::hello{protocol_version, ann, {}, ""});
    auto& other = world.greet(bob, "bob");
    world.turn();
    world.pass(limits::hello_ms - 1'001);
    CHECK_FALSE(greeted.closed);
    CHECK_FALSE(silent.closed);
    CHECK(world.core.deadline() == world.now.mono_ms + 1);

    world.pass(1);
    for (const auto* each : {&silent, &greeted}) {
        CHECK(each->last<wire::error_frame>().code == errc::unauthenticated);
        CHECK(each->code == close_code::unauthenticated);
    }
    CHECK_FALSE(other.closed);
}

TEST_CASE("a login that expired on its way here holds no session") {
    hub_world world;
    auto& late = world.connect(ann, "ann", world.now.wall_ms);
    world.turn();
    CHECK(late.code == close_code::unauthenticated);
}

TEST_CASE("what expires after its session has ended wakes nobody") {
    hub_world world;
    world.close(world.connect(ann, "ann", world.now.wall_ms + limits::cookie_login_ms));
    world.pass(limits::message_window_ms);
    CHECK_FALSE(world.core.deadline().has_value());
}

TEST_CASE("a session of a login that ended while its upgrade was under way is told so") {
    hub_world world;
    world.give(logins_ended{{login_of(ann)}});
    auto& late = world.connect(ann, "ann");
    auto& other = world.connect(bob, "bob");
    world.turn();
    CHECK(late.last<wire::error_frame>().code == errc::revoked);
    CHECK(late.code == close_code::revoked);
    CHECK_FALSE(other.closed);
}

TEST_CASE("ended logins are remembered as long as an upgrade may take, and so many of them") {
    hub_world world;
    world.give(logins_ended{{login_of(ann)}});
    SECTION("no longer") {
        world.pass(limits::ended_login_ms);
        CHECK_FALSE(world.core.deadline().has_value());
    }
    SECTION("no more") {
        std::vector<login_id> many;
        for (std::uint64_t i = 0; i < limits::ended_logins; ++i)
            many.push_back({{5, i}});
        world.give(logins_ended{many});
    }
    // Nobody gives out an ended login for so long; this one only shows that it is forgotten.
    auto& again = world.connect(ann, "ann");
    world.turn();
    CHECK_FALSE(again.closed);
}
