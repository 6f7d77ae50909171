#include "tests/unit/backbone/backbones.hpp"

using namespace parley;

namespace {

const room_id tea{{2, 1}};
const room_id jam{{2, 2}};

append_item op(std::uint64_t n, room_id room = tea) {
    append_item item;
    item.event.room = room;
    item.event.id = {{{1, 1}}, {{9, n}}};
    item.event.author_name = "ann";
    item.event.kind = change_kind::message;
    item.event.text = "text " + std::to_string(n);
    item.event.time_ms = 1'800'000'000'000;
    item.hash = n;
    return item;
}

}  // namespace

TEMPLATE_TEST_CASE("what is placed is told to every reader in one order", "", PARLEY_BACKBONES) {
    TestType world;
    std::vector<append_item> items;
    for (std::uint64_t n = 1; n <= 200; ++n)
        items.push_back(op(n, n % 2 == 0 ? tea : jam));
    const auto answers = world.hub.append(items);
    REQUIRE(answers.size() == 200);
    CHECK(answers[198].at.seq == 100);
    CHECK(answers[199].at.epoch == world.order.epoch());
    world.hub.template wait_for<placed_entry>(200);
    const auto all = world.hub.template all<placed_entry>();
    REQUIRE(all.size() == 200);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i].event.id == items[i].event.id);
        CHECK(all[i].event.seq == i / 2 + 1);
        CHECK(all[i].event.text == items[i].event.text);
        CHECK(all[i].hash == items[i].hash);
        CHECK(all[i].event.epoch == world.order.epoch());
        CHECK((i == 0 || all[i].n > all[i - 1].n));
    }
}

TEMPLATE_TEST_CASE("every backbone judges alike", "", PARLEY_BACKBONES) {
    TestType world;
    auto& hub = world.hub;
    CHECK(hub.append(op(1)).what == judgement::placed);
    CHECK(hub.append(op(1)).what == judgement::duplicate);
    CHECK(hub.append(op(1)).at.seq == 1);
    auto other = op(1);
    other.hash = 77;
    CHECK(hub.append(other).what == judgement::conflict);
    auto orphan = op(3);
    orphan.after = op(2).event.id.op;
    const auto answers = hub.append({orphan, op(4), op(5, jam)});
    CHECK(answers[0].what == judgement::after_missing);
    CHECK(answers[1].what == judgement::skipped);
    CHECK(answers[2].what == judgement::placed);
    auto leave = op(6);
    leave.event.kind = change_kind::leave;
    leave.fences = true;
    CHECK(hub.append(leave).what == judgement::placed);
    CHECK(hub.append(op(7)).what == judgement::stale);
    auto early = op(8, room_id{{2, 3}});
    early.base = 4;
    CHECK(hub.append(early).what == judgement::ask);
}

TEMPLATE_TEST_CASE("a settlement stands in the log behind what it settles", "", PARLEY_BACKBONES) {
    TestType world;
    auto& hub = world.hub;
    hub.append({op(1), op(2), op(3)});
    hub.template wait_for<placed_entry>(3);
    const auto epoch = world.order.epoch();
    const auto last = hub.template all<placed_entry>()[1].n;
    world.settle({epoch, last, {{tea, 2}}, {{tea, {2, errc::duplicate, 1}}}});
    hub.template wait_for<settled_entry>(1);
    const auto settled = hub.template all<settled_entry>()[0];
    CHECK(settled.epoch == epoch);
    CHECK(settled.upto == last);
    CHECK(settled.rooms.at(0).w == 2);
    const std::vector changes{op(1).event.id, op(2).event.id, op(3).event.id, op(4).event.id};
    const auto found = world.order.find(epoch, tea, changes);
    CHECK(found[0].seq == 1);
    CHECK(found[1].duplicate_of == 1);
    CHECK(found[2].seq == 3);
    CHECK(found[3].seq == 0);
    CHECK(world.order.find(epoch, jam, changes)[0].seq == 0);
    CHECK(world.order.find(epoch + 1, tea, changes)[0].seq == 0);
    CHECK(hub.append(op(2)).at.duplicate_of == 1);
}

TEMPLATE_TEST_CASE("an op of another epoch is lost", "", PARLEY_BACKBONES) {
    TestType world;
    world.hub.append(op(1));
    const auto old = world.order.epoch();
    world.next_epoch();
    const auto told = world.order.append(old, {op(2)}, [](appended) {});
    REQUIRE(told);
    CHECK(told->answers[0].what == judgement::lost);
    CHECK(told->items[0].event.text == "text 2");
    // The place is given again, in another history.
    CHECK(world.hub.insist(op(3)).at.seq == 1);
    world.hub.template wait_for<placed_entry>(2);
    const auto all = world.hub.template all<placed_entry>();
    CHECK(all.back().event.epoch == world.order.epoch());
    CHECK(world.hub.template all<epoch_entry>().back().epoch == world.order.epoch());
}

TEMPLATE_TEST_CASE("readers are woken when there is something", "", PARLEY_BACKBONES) {
    TestType world;
    std::atomic<int> woken = 0;
    world.order.on_append([&] { ++woken; });
    world.hub.read();
    world.hub.append(op(1));
    CHECK(testing::comes_true([&] { return woken > 0; }));
}
