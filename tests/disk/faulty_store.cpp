#include "tests/disk/faulty_store.hpp"

#include "tests/support/store_log.hpp"

#include <cstdlib>

namespace parley::testing {
namespace {

constexpr std::uint64_t batches = 24;
constexpr int tries_most = 20;

commit_outcome commit_at_last(sqlite_store& store, const commit_batch& batch) {
    commit_outcome outcome;
    for (int i = 0; i < tries_most; ++i) {
        outcome = store.commit(batch, {});
        if (outcome.what != commit_outcome::kind::failed) break;
    }
    return outcome;
}

}  // namespace

sqlite_options small_store(const std::filesystem::path& folder) {
    sqlite_options options{folder};
    options.keep_free_bytes = 0;
    options.readers = 2;
    options.checkpoint_bytes = 48 * 1024;
    options.truncate_bytes = 160 * 1024;
    return options;
}

void live_store_life(const std::filesystem::path& folder, const store_child::teller& tell) {
    sqlite_store store{small_store(folder)};
    store_log log{store};
    tell("open");
    for (std::uint64_t n = 0; n < batches; ++n) {
        std::vector<log_entry_ptr> events;
        for (std::uint64_t i = 0; i <= n % 5; ++i)
            events.push_back(log.say(general_room, ann, std::string(1 + n * 97 % 3'000, 'x')));
        const auto head = event_of(events.back()).seq;
        const auto outcome = commit_at_last(store, log.batch(std::move(events)));
        if (outcome.what != commit_outcome::kind::committed) return tell("refused: " + outcome.reason);
        tell(std::to_string(head));
        std::ignore = store.read_after(general_room, 0, 20);
        if (n % 7 == 6) store.rest();
    }
    tell("done");
}

store_life hear_of(store_child& child) {
    store_life out;
    for (auto line = child.next(); !line.empty(); line = child.next()) {
        out.last = line;
        if (line.find_first_not_of("0123456789") == line.npos) out.acknowledged = std::stoull(line);
    }
    out.ended_with = child.wait();
    return out;
}

std::string flaw_of_store(const std::filesystem::path& folder, std::uint64_t acknowledged) {
    try {
        sqlite_store store{small_store(folder)};
        return flaw_of_log(store, acknowledged);
    } catch (const std::exception& why) {
        return why.what();
    }
}

std::uint32_t fault_stride() {
    const char* named = std::getenv("PARLEY_FAULT_STRIDE");
    return named ? static_cast<std::uint32_t>(std::stoul(named)) : 5;
}

}  // namespace parley::testing
