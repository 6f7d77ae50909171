#include "server/backbone/log.hpp"

#include "server/backbone/local_backbone.hpp"
#include "shared/base/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace {

const room_id tea{{2, 1}};

log_entry_ptr placed(std::uint64_t n) {
    placed_entry entry;
    entry.n = n;
    entry.event.seq = n;
    entry.event.epoch = 1;
    entry.event.room = tea;
    return std::make_shared<const log_entry>(entry);
}

log_entry_ptr settled(std::uint64_t upto) {
    return std::make_shared<const log_entry>(settled_entry{1, upto, {{tea, upto}}, {}});
}

append_item op(std::uint64_t n) {
    append_item item;
    item.event.room = tea;
    item.event.id = {{{1, 1}}, {{9, n}}};
    item.event.kind = change_kind::message;
    return item;
}

}  // namespace

TEST_CASE("every reader sees the same entries in the same order") {
    parley::log log;
    (void)log.append({placed(1), placed(2)});
    (void)log.append({settled(2)});
    for (int reader = 0; reader < 2; ++reader) {
        const auto all = log.read({0});
        REQUIRE(all.entries.size() == 3);
        CHECK(std::get<placed_entry>(*all.entries[1]).n == 2);
        CHECK(all.position.next == 3);
        CHECK_FALSE(all.more);
        CHECK_FALSE(all.gap);
    }
    CHECK(log.read({3}).entries.empty());
    CHECK(log.end().next == 3);
}

TEST_CASE("a read is one turn's worth") {
    parley::log log;
    for (std::uint64_t n = 1; n <= limits::log_entries_a_turn + 1; ++n)
        (void)log.append({placed(n)});
    const auto first = log.read({0});
    CHECK(first.entries.size() == limits::log_entries_a_turn);
    CHECK(first.more);
    const auto second = log.read(first.position);
    CHECK(second.entries.size() == 1);
    CHECK_FALSE(second.more);
}

TEST_CASE("what is not settled is kept, however far behind the reader") {
    parley::log log;
    for (std::uint64_t n = 1; n <= limits::log_settled_entries + 10; ++n)
        (void)log.append({placed(n)});
    CHECK_FALSE(log.read({0}).gap);
}

TEST_CASE("a reader below the settled entries that are kept finds a gap") {
    parley::log log;
    const auto count = limits::log_settled_entries + 5;
    for (std::uint64_t n = 1; n <= count; ++n)
        (void)log.append({placed(n)});
    (void)log.append({settled(count)});
    const auto read = log.read({0});
    CHECK(read.gap);
    const auto& anew = std::get<epoch_entry>(*read.entries[0]);
    CHECK(anew.epoch == 1);
    CHECK(anew.behind == std::get<placed_entry>(*read.entries[1]).n - 1);
    CHECK(read.position.next > read.entries.size());
    CHECK_FALSE(log.read(log.end()).gap);
}

TEST_CASE("a reader that was behind over the end of an epoch hears of the new one") {
    parley::log log;
    (void)log.append({placed(1), std::make_shared<const log_entry>(epoch_entry{2, 0})});
    const auto count = limits::log_settled_entries + 5;
    for (std::uint64_t n = 1; n <= count; ++n) {
        auto entry = std::get<placed_entry>(*placed(n));
        entry.event.epoch = 2;
        (void)log.append({std::make_shared<const log_entry>(entry)});
    }
    (void)log.append({std::make_shared<const log_entry>(settled_entry{2, count, {}, {}})});
    const auto read = log.read({0});
    REQUIRE(read.gap);
    CHECK(std::get<epoch_entry>(*read.entries[0]).epoch == 2);
}

TEST_CASE("what was broken off goes on behind the entry that the next epoch entry names") {
    parley::log log;
    (void)log.append({placed(1), placed(2)});
    (void)log.break_off();
    (void)log.append({std::make_shared<const log_entry>(epoch_entry{1, 7}), placed(8)});
    const auto read = log.read({0});
    CHECK(read.gap);
    REQUIRE(read.entries.size() == 2);
    CHECK(std::get<epoch_entry>(*read.entries[0]).behind == 7);
}

TEST_CASE("sleepers are woken once until somebody reads") {
    local_backbone order{1, [] { return std::int64_t{0}; }};
    int woken = 0;
    order.on_append([&] {
        ++woken;
        (void)order.epoch();  // no lock is held
    });
    std::vector<append_item> first{op(1)};
    std::vector<append_item> second{op(2)};
    (void)order.append(1, first);
    (void)order.append(1, second);
    CHECK(woken == 1);
    (void)order.read({0});
    order.settle({1, 2, {{tea, 2}}, {}});
    CHECK(woken == 2);
}

TEST_CASE("a new epoch stands in the log between the old events and the new") {
    local_backbone order{1, [] { return std::int64_t{0}; }};
    std::vector<append_item> first{op(1)};
    (void)order.append(1, first);
    order.begin(2);
    CHECK(order.append(1, first)[0].what == judgement::lost);
    CHECK(order.append(2, first)[0].what == judgement::placed);
    order.settle({1, 1, {{tea, 1}}, {}});  // of the old epoch: nothing
    const auto all = order.read({0}).entries;
    REQUIRE(all.size() == 3);
    CHECK(std::get<epoch_entry>(*all[1]).epoch == 2);
    CHECK(std::get<placed_entry>(*all[2]).n == 1);
}

TEST_CASE("a full order wants an epoch once all is settled") {
    local_backbone order{1, [] { return std::int64_t{0}; }, 1};
    std::vector<append_item> first{op(1)};
    CHECK_FALSE(order.wants_epoch());
    CHECK(order.append(1, first)[0].what == judgement::placed);
    CHECK_FALSE(order.wants_epoch());
    order.settle({1, 1, {{tea, 1}}, {}});
    CHECK(order.wants_epoch());
    order.begin(2);
    CHECK_FALSE(order.wants_epoch());
}
