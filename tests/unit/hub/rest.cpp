#include "tests/support/catch.hpp"
#include "tests/unit/hub/tea_room.hpp"

/// Rooms go to sleep when nobody depends on them any more, whatever woke them (L14, L19).
namespace parley {

using namespace tea_room;

namespace {

void sleep_on(hub_world& w) {
    w.settle_all();
    for (int i = 0; i < 3; ++i)
        w.pass(limits::room_sleep_ms);
}

}  // namespace

TEST_CASE("a room whose only op was a conflict goes to sleep") {
    hub_world w;
    auto& who = w.greet(ann, "ann");
    wire::op op;
    op.id = w.fresh_op();
    op.kind = change_kind::create;
    op.name = "room";
    for (std::uint64_t n = 1; n <= 20; ++n) {
        op.room = hub_world::room(n);
        w.offer(who, op);
        w.settle_all();
    }
    CHECK(who.reply_to(op.id).code == errc::conflict);
    sleep_on(w);
    CHECK(w.core.counts().rooms == 0);
}

}  // namespace parley
