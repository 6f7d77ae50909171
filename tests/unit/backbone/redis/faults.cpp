#include "server/backbone/redis/fitness.hpp"
#include "tests/support/reply_eater.hpp"
#include "tests/unit/backbone/backbones.hpp"

#include <map>
#include <set>

using namespace parley;
using testing::comes_true;
using testing::over_redis;

namespace {

const room_id tea{{2, 1}};

append_item op(std::uint64_t n, const std::string& text = "text", room_id room = tea) {
    append_item item;
    item.event.room = room;
    item.event.id = {{{1, 1}}, {{9, n}}};
    item.event.author_name = "ann";
    item.event.kind = change_kind::message;
    item.event.text = text;
    item.event.time_ms = 1'800'000'000'000;
    item.hash = n;
    return item;
}

/// In each epoch a room's places are dense and no change stands twice.
void check_order(testing::hub_of& hub) {
    std::map<std::pair<std::uint64_t, room_id>, std::uint64_t> heads;
    std::set<std::pair<std::uint64_t, change_id>> changes;
    for (const auto& placed : hub.all<placed_entry>()) {
        const auto& event = placed.event;
        CHECK(event.seq == ++heads[{event.epoch, event.room}]);
        CHECK(changes.insert({event.epoch, event.id}).second);
    }
    CHECK(hub.gaps == 0);
}

}  // namespace

TEST_CASE("a Redis that is killed and comes back empty begins a new epoch") {
    over_redis world;
    REQUIRE(world.hub.append(op(1)).what == judgement::placed);
    const auto before = world.order.epoch();
    world.server.kill();
    // Who asks meanwhile is refused for now, or waits until the epoch has ended.
    auto asked = world.hub.give({op(2)});
    world.server.start();
    REQUIRE(asked.wait_for(testing::patience) == std::future_status::ready);
    const auto what = asked.get().answers[0].what;
    CHECK((what == judgement::lost || what == judgement::busy));
    REQUIRE(comes_true([&] { return world.order.epoch() > before; }));
    CHECK(world.hub.insist(op(1)).at.seq == 1);
    CHECK(world.hub.insist(op(2)).at.seq == 2);
    world.hub.wait_for<placed_entry>(3);
    CHECK(world.hub.all<epoch_entry>().size() == 2);
    CHECK(world.store.raised() == 2);
    check_order(world.hub);
}

TEST_CASE("an emptied Redis begins a new epoch, also when nobody says anything") {
    over_redis world;
    world.hub.append(op(1));
    const auto before = world.order.epoch();
    REQUIRE(redis::connection{testing::address_of(world.server)}.call({"FLUSHALL"}));
    SECTION("nobody") {}
    SECTION("somebody") {
        const auto what = world.hub.append(op(2)).what;
        CHECK((what == judgement::lost || what == judgement::busy));
    }
    REQUIRE(comes_true([&] { return world.order.epoch() > before; }));
    CHECK(world.hub.insist(op(1)).at.seq == 1);
    world.hub.wait_for<placed_entry>(2);
    check_order(world.hub);
}

TEST_CASE("a Redis that stands still for some seconds loses and repeats nothing") {
    over_redis world;
    const auto epoch = world.order.epoch();
    // All is stored: a room with something that is not is busy after a second, however that came.
    const auto store_all = [&](std::uint64_t count) {
        world.hub.wait_for<placed_entry>(count);
        world.settle({epoch, world.hub.all<placed_entry>().back().n, {{tea, count}}, {}});
    };
    world.hub.append(op(1));
    store_all(1);
    world.hub.wait_for<settled_entry>(1);
    world.server.stop();
    auto asked = world.hub.give({op(2), op(3)});
    REQUIRE(asked.wait_for(std::chrono::seconds{4}) == std::future_status::timeout);
    world.server.go_on();
    REQUIRE(asked.wait_for(testing::patience) == std::future_status::ready);
    for (const auto& answer : asked.get().answers)
        CHECK((answer.what == judgement::placed || answer.what == judgement::duplicate));
    store_all(3);
    CHECK(world.hub.insist(op(4)).at.seq == 4);
    world.hub.wait_for<placed_entry>(4);
    CHECK(world.order.epoch() == epoch);
    CHECK(world.hub.all<placed_entry>().size() == 4);
    check_order(world.hub);
}

TEST_CASE("an append whose answer is lost is asked again and placed once") {
    testing::redis_server server;
    testing::store_folder folder;
    const auto between = (folder.path() / "between.sock").string();
    testing::reply_eater eater{between, server.socket()};
    testing::memory_register store;
    auto where = testing::address_of(server);
    where.socket = between;
    redis::redis_backbone order{testing::quick(where), store};
    REQUIRE(comes_true([&] { return order.epoch() != 0; }));
    testing::hub_of hub{order};
    REQUIRE(hub.insist(op(1)).at.seq == 1);
    for (std::uint64_t n = 2; n < 12; ++n) {
        const auto words = "words " + std::to_string(n) + ".";
        eater.eat_answer_to(words);
        const auto answer = hub.append(op(n, words));
        CHECK(eater.ate());
        CHECK(answer.what == judgement::duplicate);
        CHECK(answer.at.seq == n);
        hub.wait_for<placed_entry>(
            n);  // and stored: a room with something that is not is busy after a second
        const auto upto = hub.all<placed_entry>().back().n;
        store.store_up_to(upto);
        order.settle({order.epoch(), upto, {{tea, n}}, {}});
        hub.wait_for<settled_entry>(n - 1);
    }
    check_order(hub);
}

TEST_CASE("a settlement whose answer is lost is said again and told once") {
    over_redis world;
    world.hub.append({op(1), op(2)});
    world.hub.wait_for<placed_entry>(2);
    auto ours = redis::connection{testing::address_of(world.server)};
    REQUIRE(ours.call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
    world.settle({world.order.epoch(), 2, {{tea, 2}}, {}});
    world.hub.wait_for<settled_entry>(1);
    REQUIRE(ours.call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
    CHECK(world.hub.insist(op(3)).at.seq == 3);
    world.hub.wait_for<placed_entry>(3);
    CHECK(world.hub.all<settled_entry>().size() == 1);
    CHECK(world.hub.all<epoch_entry>().size() == 1);
    check_order(world.hub);
}

TEST_CASE("without memory ops are busy until what is stored makes room") {
    over_redis world{{"--maxmemory", "8mb"}};
    std::uint64_t n = 0;
    judgement what = judgement::placed;
    while (what == judgement::placed) {
        ++n;
        what = world.hub.append(op(n, std::string(9'000, 'x'), room_id{{2, n % 50}})).what;
    }
    CHECK(what == judgement::busy);
    CHECK(n > 100);
    world.hub.wait_for<placed_entry>(n - 1);
    settled_entry settled{world.order.epoch(), world.hub.all<placed_entry>().back().n, {}, {}};
    for (const auto& placed : world.hub.all<placed_entry>())
        settled.rooms.push_back({placed.event.room, placed.event.seq});
    world.settle(settled);
    auto next = op(n, std::string(9'000, 'x'), room_id{{2, n % 50}});
    next.since = n;  // as a hub has it that has read the store: the window is gone
    CHECK(world.hub.insist(next).what == judgement::placed);
    check_order(world.hub);
}

TEST_CASE("two processes read one order, and one epoch is begun for both") {
    over_redis one;
    redis::redis_backbone second{testing::quick(testing::address_of(one.server)), one.store};
    REQUIRE(comes_true([&] { return second.epoch() == one.order.epoch(); }));
    testing::hub_of other{second};
    for (std::uint64_t n = 1; n <= 100; n += 2) {
        CHECK(one.hub.append(op(n)).at.seq == n);
        CHECK(other.append(op(n + 1)).at.seq == n + 1);
    }
    one.hub.wait_for<placed_entry>(100);
    other.wait_for<placed_entry>(100);
    const auto mine = one.hub.all<placed_entry>();
    const auto theirs = other.all<placed_entry>();
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(mine[i].event.id == theirs[i].event.id);
    one.next_epoch();
    REQUIRE(comes_true([&] { return second.epoch() == one.order.epoch(); }));
    CHECK(one.hub.insist(op(200)).at.seq == 1);
    CHECK(other.insist(op(201)).at.seq == 2);
    CHECK(one.store.raised() == 2);
}

TEST_CASE("a raise in doubt is raised again, and nothing is placed in an epoch that nobody began") {
    testing::redis_server server;
    testing::memory_register store;
    store.doubt(1);
    redis::redis_backbone order{testing::quick(testing::address_of(server)), store};
    REQUIRE(comes_true([&] { return order.epoch() != 0; }));
    CHECK(store.raised() == 2);
    testing::hub_of hub{order};
    CHECK(hub.insist(op(1)).at.seq == 1);
}

TEST_CASE("with the store away the order goes on, and says when Redis is away too") {
    testing::redis_server server;
    testing::memory_register store;
    auto options = testing::quick(testing::address_of(server));
    std::mutex mutex;
    std::vector<std::pair<bool, std::string>> told;
    options.tell = [&](bool accepting, const std::string& why) {
        std::lock_guard lock{mutex};
        told.emplace_back(accepting, why);
    };
    const auto count = [&] {
        std::lock_guard lock{mutex};
        return told.size();
    };
    redis::redis_backbone order{options, store};
    REQUIRE(comes_true([&] { return order.epoch() != 0; }));
    testing::hub_of hub{order};
    store.set_away(true);
    CHECK(hub.insist(op(1)).at.seq == 1);
    store.set_away(false);
    server.kill();
    REQUIRE(comes_true([&] { return count() == 2; }));
    CHECK(hub.append(op(2)).what == judgement::busy);
    CHECK(order.find(order.epoch(), tea, std::vector{op(1).event.id})[0].seq == 1);
    server.start();
    REQUIRE(comes_true([&] { return count() == 3; }));
    std::lock_guard lock{mutex};
    CHECK(told[0].first);
    CHECK_FALSE(told[1].first);
    CHECK(told[1].second.find("can't be reached") != std::string::npos);
    CHECK(told[2].first);
}

TEST_CASE("a Redis that can't be worked with is refused at start, in one line that says what to change") {
    const redis::key_names keys{testing::database};
    const auto complaint = [&](const redis::address& where) {
        redis::connection link{where};
        auto line = redis::complaint_about(link, keys);
        CHECK(line.find('\n') == std::string::npos);
        return line;
    };
    const auto holds = [](const std::string& line, const std::string& words) {
        INFO(line);
        CHECK(line.find(words) != std::string::npos);
    };
    SECTION("one that fits") {
        over_redis world;
        world.hub.append(op(1));
        CHECK(complaint(testing::address_of(world.server)).empty());
    }
    SECTION("it drops keys") {
        testing::redis_server server{{"--maxmemory-policy", "allkeys-lru"}};
        const auto line = complaint(testing::address_of(server));
        holds(line, "maxmemory-policy allkeys-lru");
        holds(line, "CONFIG SET maxmemory-policy noeviction");
        testing::memory_register store;
        CHECK_THROWS_AS(redis::redis_backbone(testing::quick(testing::address_of(server)), store),
                        std::runtime_error);
    }
    SECTION("another program's") {
        testing::redis_server server;
        REQUIRE(redis::connection{testing::address_of(server)}.call({"SET", "session\n1", "x"}));
        holds(complaint(testing::address_of(server)), "is used by another program, its key session?1");
    }
    SECTION("another Parley's") {
        testing::redis_server server;
        REQUIRE(redis::connection{testing::address_of(server)}.call({"SET", "parley:{other:0}:s", "x"}));
        holds(complaint(testing::address_of(server)), "is used by another Parley");
    }
    SECTION("a password is missing, or wrong") {
        testing::redis_server server{{"--requirepass", "secret"}};
        auto where = testing::address_of(server);
        holds(complaint(where), "wants a password");
        where.password = "guess";
        holds(complaint(where), "refuses the password");
    }
    SECTION("nobody there") {
        testing::redis_server server;
        server.kill();
        holds(complaint(testing::address_of(server)), "can't be reached");
    }
    SECTION("a replica") {
        testing::redis_server server{{"--replicaof", "127.0.0.1 1"}};
        holds(complaint(testing::address_of(server)), "is a replica");
    }
}
