#include "server/backbone/sequencer.hpp"
#include "shared/base/hash.hpp"
#include "shared/base/random.hpp"
#include "tests/unit/backbone/redis/order.hpp"

#include <deque>
#include <set>

using namespace parley;

namespace {

constexpr std::uint64_t first_epoch = 5;

room_id room(std::uint64_t n) {
    return {{2, n}};
}

append_item op(std::uint64_t n, std::uint64_t author = 1, room_id where = room(1),
               change_kind kind = change_kind::message) {
    append_item item;
    item.event.room = where;
    item.event.id = {{{1, author}}, {{9, n}}};
    item.event.author_name = "somebody";
    item.event.kind = kind;
    item.event.text = "x";
    item.event.time_ms = 1'800'000'000'000 + static_cast<std::int64_t>(n);
    item.hash = mix64(n);
    return item;
}

bool same(const standing& a, const standing& b) {
    return a.seq == b.seq && a.epoch == b.epoch && a.hash == b.hash && a.time_ms == b.time_ms &&
           a.kind == b.kind && a.code == b.code && a.duplicate_of == b.duplicate_of;
}

/// The scripts and the machine, told the same; every answer is compared. The time is that of the scripts.
struct pair {
    explicit pair(redis::call_limits bounds = {}) : order({}, bounds), model(first_epoch, bounds.rooms) {}

    std::vector<append_answer> append(const std::vector<append_item>& items) {
        const auto told = order.append(order.term, read, items).value();
        REQUIRE_FALSE(told.lost);
        now_ms = told.time_ms;
        REQUIRE(told.answers.size() == items.size());
        auto copies = items;
        std::vector<placed_entry> placed;
        const auto want = model.append(told.time_ms, order.term.epoch, copies, placed);
        for (std::size_t i = 0; i < items.size(); ++i) {
            INFO("item " << i << ": " << int(told.answers[i].what) << ", not " << int(want[i].what));
            REQUIRE(told.answers[i].what == want[i].what);
            REQUIRE(same(told.answers[i].at, want[i].at));
        }
        for (const auto& entry : placed)
            log.push_back({entry, ++last});
        return want;
    }

    append_answer append(const append_item& item) { return append(std::vector{item})[0]; }

    /// Of what is in the log and not settled yet, so many. `last` is the n of the scripts, which count
    /// settlements too.
    void settle(std::size_t count, std::vector<settled_void> voids = {}, std::vector<room_id> halted = {}) {
        settled_entry theirs{order.term.epoch, 0, {}, voids, halted};
        for (std::size_t i = 0; i < count; ++i) {
            const auto& [entry, n] = log[i];
            theirs.upto = n;
            ours_upto = entry.n;
            const auto known = std::find_if(theirs.rooms.begin(), theirs.rooms.end(),
                                            [&](const auto& m) { return m.room == entry.event.room; });
            if (known != theirs.rooms.end()) {
                known->w = entry.event.seq;
            } else {
                theirs.rooms.push_back({entry.event.room, entry.event.seq});
            }
        }
        log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(count));
        const auto told = order.calls.settle(order.term, theirs).value();
        auto ours = theirs;
        ours.upto = ours_upto;
        REQUIRE(told.news == model.settle(told.time_ms, ours));
        if (told.news) ++last;
    }

    void begin(std::uint64_t epoch) {
        order.begin(epoch);
        model.begin(epoch);
        log.clear();
        last = read = ours_upto = 0;
    }

    struct logged {
        placed_entry entry;
        std::uint64_t n;
    };

    testing::redis_order order;
    sequencer model;
    std::deque<logged> log;
    std::uint64_t last = 0;
    std::uint64_t read = 0;
    std::uint64_t ours_upto = 0;
    std::int64_t now_ms = 0;
};

/// Some history: few rooms, authors and ids, so that all of it collides.
struct history {
    explicit history(std::uint64_t seed) : chance(seed) {}

    append_item some_op() {
        const auto where = chance.below(4) + 1;
        auto item = op(chance.one_in(4) ? chance.below(next + 1) : ++next, 1 + chance.below(3), room(where));
        if (chance.one_in(6)) item.event.kind = change_kind::nothing, item.event.code = errc::discarded;
        if (chance.one_in(10)) item.event.kind = change_kind::leave, item.fences = true;
        if (chance.one_in(12)) item.hash ^= 1;
        if (chance.one_in(3)) item.after = {{9, chance.below(next + 1)}};
        item.base = where * 10;
        item.since = item.base + chance.below(40) - (chance.one_in(15) ? 1 : 0);
        // Of a room that is new to the epoch, everybody knows the same from the store.
        item.fence = fenced.contains(where) && !chance.one_in(3) ? 1'000'000 : 5;
        item.event.text.assign(1 + chance.below(300), 'x');
        return item;
    }

    std::vector<append_item> some_ops() {
        std::vector<append_item> items;
        for (auto left = 1 + chance.below(64); left > 0; --left)
            items.push_back(some_op());
        return items;
    }

    std::vector<settled_void> some_voids(const pair& both, std::size_t count) {
        std::vector<settled_void> voids;
        for (std::size_t i = 0; i < count; ++i) {
            if (!chance.one_in(10)) continue;
            const auto& event = both.log[i].entry.event;
            const auto twice = chance.one_in(2);
            voids.push_back(
                {event.room, {event.seq, twice ? errc::duplicate : errc::store_refused, twice ? 3u : 0u}});
        }
        return voids;
    }

    random_source chance;
    std::uint64_t next = 0;
    std::set<std::uint64_t> fenced;  ///< rooms with a leave in this epoch
};

}  // namespace

TEST_CASE("the scripts judge as the sequencer does, place by place") {
    const auto seed = GENERATE(1u, 2u, 3u, 4u, 5u, 6u);
    history told{seed};
    pair both;
    std::uint64_t epoch = first_epoch;
    std::array<std::size_t, 9> seen{};
    for (int step = 0; step < 150; ++step) {
        const auto ops = told.some_ops();
        const auto answers = both.append(ops);
        for (std::size_t i = 0; i < ops.size(); ++i) {
            ++seen[static_cast<std::size_t>(answers[i].what)];
            if (answers[i].what == judgement::placed && ops[i].fences)
                told.fenced.insert(ops[i].event.room.value.lo);
        }
        if (told.chance.one_in(2)) {
            const auto count = told.chance.below(std::min<std::uint64_t>(both.log.size(), 900) + 1);
            auto voids = told.some_voids(both, count);
            std::vector<room_id> halted;
            if (count > 0 && told.chance.one_in(40)) halted.push_back(room(4));
            both.settle(count, std::move(voids), std::move(halted));
        }
        if (!told.chance.one_in(50)) continue;
        both.begin(++epoch);
        told.fenced.clear();
    }
    for (const auto what : {judgement::placed, judgement::duplicate, judgement::conflict, judgement::ask,
                            judgement::after_missing, judgement::stale, judgement::skipped}) {
        INFO(int(what));
        CHECK(seen[static_cast<std::size_t>(what)] > 0);
    }
}

TEST_CASE("the scripts forget what the sequencer forgets") {
    pair both;
    std::uint64_t n = 0;
    while (n < limits::log_settled_entries + 1'000) {
        std::vector<append_item> items;
        for (int i = 0; i < 64; ++i, ++n)
            items.push_back(op(n + 1, 1, room(1 + n % 3)));
        both.append(items);
        if (both.log.size() > 500) both.settle(400);
    }
    both.settle(both.log.size());
    for (std::uint64_t old = 1; old <= 1'200; old += 7)
        both.append(op(old, 1, room(1 + (old - 1) % 3)));
    for (std::uint64_t since = 1; since < 500; since += 7) {
        auto item = op(1'000'000 + since);
        item.since = since;
        both.append(item);
    }
    CHECK(both.order.link.call({"XLEN", both.order.keys.log})->number < 12'000);
}

TEST_CASE("the scripts are busy at each bound of the sequencer") {
    SECTION("ops of a room") {
        pair both;
        for (std::uint64_t n = 1; n <= limits::room_provisional_ops; n += 64) {
            std::vector<append_item> items;
            for (std::uint64_t i = n; i < n + 64; ++i)
                items.push_back(op(i));
            both.append(items);
        }
        CHECK(both.append(op(90'000)).what == judgement::busy);
        CHECK(both.append(op(90'001, 1, room(2))).what == judgement::placed);
        both.settle(1);
        CHECK(both.append(op(90'000)).what == judgement::placed);
    }
    SECTION("bytes of a room") {
        pair both;
        auto large = op(1);
        large.event.text.assign(limits::room_provisional_bytes / 2, 'x');
        CHECK(both.append(large).what == judgement::placed);
        large.event.id.op = {{9, 2}};
        CHECK(both.append(large).what == judgement::busy);
        CHECK(both.append(op(3)).what == judgement::placed);
        both.settle(1);
        CHECK(both.append(large).what == judgement::placed);
    }
    SECTION("bytes of all rooms") {
        pair both;
        auto large = op(1);
        large.event.text.assign(limits::room_provisional_bytes - 10'000, 'x');
        std::uint64_t n = 0;
        for (; both.append(large).what == judgement::placed; ++n) {
            large.event.room = room(n + 2);
            large.event.id.op = {{9, n + 2}};
        }
        CHECK(n == 8);
        both.settle(1);
        CHECK(both.append(large).what == judgement::placed);
    }
    SECTION("ops of all rooms") {
        pair both;
        std::uint64_t n = 0;
        while (n < limits::process_provisional_ops) {
            std::vector<append_item> items;
            for (int i = 0; i < 1'024; ++i, ++n)
                items.push_back(op(n + 1, 1, room(n / 2'048)));
            both.append(items);
        }
        CHECK(both.append(op(n + 1, 1, room(100))).what == judgement::busy);
    }
    SECTION("rooms of an epoch") {
        pair both{{2, limits::log_settled_entries, 1 << 20}};
        CHECK(both.append(op(1)).what == judgement::placed);
        CHECK(both.append(op(2, 1, room(2))).what == judgement::placed);
        CHECK(both.append(op(3)).what == judgement::busy);
        CHECK(both.append(op(4, 1, room(3))).what == judgement::busy);
        CHECK(both.append(op(1)).what == judgement::duplicate);
        both.begin(first_epoch + 1);
        CHECK(both.append(op(4, 1, room(3))).what == judgement::placed);
    }
    SECTION("a room that nobody stores") {
        pair both;
        CHECK(both.append(op(1)).what == judgement::placed);
        const auto placed_ms = both.now_ms;
        while (both.now_ms <= placed_ms + limits::room_provisional_ms)
            CHECK(both.append(op(1)).what == judgement::duplicate);
        CHECK(both.append(op(2)).what == judgement::busy);
        CHECK(both.append(op(3, 1, room(2))).what == judgement::placed);
    }
    SECTION("a room that is halted") {
        pair both;
        both.append(op(1));
        both.settle(1, {}, {room(1)});
        CHECK(both.append(op(1)).what == judgement::duplicate);
        CHECK(both.append(op(2)).what == judgement::busy);
        CHECK(both.append(op(3, 1, room(2))).what == judgement::placed);
    }
}

TEST_CASE("the stream gives back what was placed, settled and begun") {
    testing::redis_order order;
    auto item = op(7);
    item.event.text = "tea — \xf0\x9f\x8d\xb5";
    item.fences = true;
    auto voided = op(8, 2, room(1), change_kind::nothing);
    voided.event.text.clear();
    voided.event.code = errc::discarded;
    voided.fence = 1;
    auto made = op(9, 3, room(2), change_kind::create);
    made.event.name = "tea";
    made.event.text = "a topic";
    const std::vector<append_item> items{item, voided, made};
    REQUIRE_FALSE(order.append(order.term, 0, items)->lost);
    const settled_entry settled{
        first_epoch, 2, {{room(1), 2}}, {{room(1), {1, errc::duplicate, 44}}}, {room(9)}};
    REQUIRE(order.calls.settle(order.term, settled)->news);

    const auto all = order.all();
    REQUIRE(all.size() == 4);
    for (std::size_t i = 0; i < items.size(); ++i) {
        CHECK(all[i].n == i + 1);
        CHECK(all[i].epoch == first_epoch);
        const auto& got = std::get<placed_entry>(all[i].entry);
        const auto& want = items[i].event;
        CHECK(got.n == i + 1);
        CHECK(got.hash == items[i].hash);
        CHECK(got.fences == items[i].fences);
        CHECK(got.event.room == want.room);
        CHECK(got.event.seq == (i == 1 ? 2 : 1));
        CHECK(got.event.epoch == first_epoch);
        CHECK(got.event.id == want.id);
        CHECK(got.event.author_name == want.author_name);
        CHECK(got.event.time_ms == want.time_ms);
        CHECK(got.event.kind == want.kind);
        CHECK(got.event.name == want.name);
        CHECK(got.event.text == want.text);
        CHECK(got.event.code == want.code);
    }
    const auto& got = std::get<settled_entry>(all[3].entry);
    CHECK(got.epoch == first_epoch);
    CHECK(got.upto == 2);
    REQUIRE(got.rooms.size() == 1);
    CHECK(got.rooms[0].w == 2);
    REQUIRE(got.voids.size() == 1);
    CHECK(got.voids[0].place.code == errc::duplicate);
    CHECK(got.voids[0].place.duplicate_of == 44);
    CHECK(got.halted == std::vector{room(9)});
}

TEST_CASE("another epoch, another incarnation and a log that went back are lost") {
    testing::redis_order order;
    const std::vector items{op(1)};
    auto other = order.term;
    other.epoch = 6;
    CHECK(order.append(other, 0, items)->lost);
    CHECK(order.calls.settle(other, {6, 0, {}, {}})->lost);
    other = order.term;
    other.incarnation.back() ^= 1;
    CHECK(order.append(other, 0, items)->lost);
    CHECK(order.calls.settle(other, {5, 0, {}, {}})->lost);
    CHECK(order.append(order.term, 1, items)->lost);
    other.epoch = 7;
    CHECK(order.calls.begin(other).value() == redis::begin_result::lost);
    CHECK(order.calls.begin(order.term).value() == redis::begin_result::old);
    CHECK(order.all().empty());

    REQUIRE(order.link.call({"FLUSHALL"}));
    CHECK(order.append(order.term, 0, items)->lost);
    CHECK(order.calls.look()->now.epoch == 0);
    order.begin(6);
    CHECK_FALSE(order.append(order.term, 0, items)->lost);
    CHECK(order.calls.look()->n == 1);
}

TEST_CASE("a settlement is said once, and a late one changes nothing") {
    testing::redis_order order;
    CHECK_FALSE(order.append(order.term, 0, std::vector{op(1), op(2)})->lost);
    CHECK(order.calls.settle(order.term, {5, 2, {{room(1), 2}}, {}})->news);
    const auto again = order.calls.settle(order.term, {5, 2, {{room(1), 2}}, {}}).value();
    CHECK_FALSE(again.news);
    CHECK(again.upto == 2);
    const auto late = order.calls.settle(order.term, {5, 1, {{room(1), 1}}, {}}).value();
    CHECK_FALSE(late.news);
    CHECK(late.upto == 2);
    CHECK(order.calls.look()->n == 3);
    CHECK(order.calls.settle(order.term, {5, 9, {}, {}})->lost);  // the store has what this log never had
}

TEST_CASE("out of memory is busy, and settling frees it") {
    testing::redis_order order{{"--maxmemory", "8mb"}};
    std::uint64_t n = 0;
    const auto some = [&] {
        std::vector<append_item> items;
        for (int i = 0; i < 16; ++i) {
            ++n;
            auto item = op(n, 1, room(n % 40));
            item.event.text.assign(8'000, 'x');
            items.push_back(item);
        }
        return order.append(order.term, 0, items).value();
    };
    auto told = some();
    while (!told.full)
        told = some();
    CHECK(told.answers.back().what == judgement::busy);
    const auto placed = order.calls.look()->n;
    CHECK(some().full);
    CHECK(order.calls.look()->n == placed);  // nothing half done

    settled_entry settled{5, placed, {}, {}};
    for (std::uint64_t r = 0; r < 40; ++r)
        settled.rooms.push_back({room(r), placed / 40});
    CHECK(order.calls.settle(order.term, settled)->news);
    CHECK(some().full);  // what is settled is kept as long as there is room for it…
    CHECK_FALSE(order.calls.settle(order.term, settled, true)->news);
    CHECK_FALSE(some().full);
}
