#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

using namespace parley;
using namespace parley::tea_room;

TEST_CASE("an op over HTTP is answered when it is stored") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    auto op = message(world, "by a program");
    world.storing = false;
    world.give(http_op{1, ann, "ann", op});
    world.turn();
    CHECK(world.http.empty());
    CHECK(a.last<wire::event>().text == "by a program");
    world.storing = true;
    world.settle_all();
    REQUIRE(world.http.count(1) == 1);
    CHECK(world.http[1].outcome == outcome::committed);
    CHECK(world.http[1].seq == 2);

    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    CHECK(world.http[2].seq == 2);

    op.text = "something else";
    world.give(http_op{3, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[3].outcome == outcome::rejected);
    CHECK(world.http[3].code == errc::conflict);
}

TEST_CASE("an op over HTTP that is not stored in time has an unknown outcome") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    world.storing = false;
    auto op = message(world, "slow");
    world.give(http_op{1, ann, "ann", op});
    world.turn();
    world.pass(limits::http_stored_ms - 1);
    CHECK(world.http.empty());
    world.pass(1);
    CHECK(world.http[1].outcome == outcome::unknown);
    CHECK(world.http[1].code == errc::outcome_unknown);
    world.storing = true;
    world.settle_all();
    CHECK(world.http.size() == 1);
}

TEST_CASE("an op over HTTP that is asked for again much later is answered with its place") {
    hub_world world{unlimited()};
    auto& a = world.greet(ann, "ann");
    world.found(a, tea);
    auto op = message(world, "kept");
    op.again = true;  // it carries a key
    world.give(http_op{1, ann, "ann", op});
    world.settle_all();
    REQUIRE(world.http[1].outcome == outcome::committed);
    world.now.wall_ms += limits::op_id_age_ms + 1;
    world.give(http_op{2, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[2].outcome == outcome::committed);
    CHECK(world.http[2].seq == world.http[1].seq);
    op.id.value.hi ^= 1;
    world.give(http_op{3, ann, "ann", op});
    world.settle_all();
    CHECK(world.http[3].kind == change_kind::nothing);
    CHECK(world.http[3].code == errc::bad_op_id);
}
