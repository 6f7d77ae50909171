#include "server/backbone/redis/calls.hpp"

#include "server/backbone/redis/packing.hpp"
#include "server/backbone/redis/scripts.hpp"

#include <charconv>

namespace parley::redis {

/// A script as Redis knows it. Only `append` is checked for memory, by its first write.
struct calls::script {
    script(std::string_view flags, std::string_view body)
        : text(std::string{flags} + std::string{scripts::common} + std::string{body}) {}

    std::string text;

    static const script& append() {
        static const script one{"", scripts::append};
        return one;
    }

    static const script& settle() {
        static const script one{"#!lua flags=allow-oom\n", scripts::settle};
        return one;
    }

    static const script& begin() {
        static const script one{"#!lua flags=allow-oom\n", scripts::begin};
        return one;
    }

    static const script& look() {
        static const script one{"#!lua flags=no-writes\n", scripts::look};
        return one;
    }
};

namespace {

std::uint64_t number_in(const std::string& text) {
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

std::string packed_limits(const call_limits& bounds) {
    return packer{}
        .number(limits::room_provisional_ops)
        .number(limits::room_provisional_bytes)
        .number(static_cast<std::uint64_t>(limits::room_provisional_ms))
        .number(limits::process_provisional_ops)
        .number(limits::process_provisional_bytes)
        .number(bounds.rooms)
        .take();
}

/// A judgement and what stands there.
append_answer answer_of(const std::string& text, std::uint64_t epoch, const append_item& item) {
    unpacker read{text};
    append_answer out;
    out.what = static_cast<judgement>(read.number(1));
    auto& at = out.at;
    if (out.what == judgement::placed) {
        at = {read.number(), epoch, item.hash, item.event.time_ms, item.event.kind, item.event.code, 0};
    } else if (out.what == judgement::duplicate || out.what == judgement::conflict) {
        at.seq = read.number();
        at.epoch = epoch;
        at.hash = read.number();
        at.time_ms = static_cast<std::int64_t>(read.number());
        at.kind = static_cast<change_kind>(read.number(1));
        at.code = static_cast<errc>(read.number(2));
        at.duplicate_of = read.number();
    }
    return out;
}

tl::unexpected<error> strange(const connection& from) {
    return fail(errc::unavailable, "Redis at " + from.where().text() + " answers what nobody asked");
}

}  // namespace

key_names::key_names(const std::string& database)
    : prefix("parley:{" + database + ":0}:"),
      state(prefix + 's'),
      places(prefix + 'd'),
      log(prefix + "log") {}

calls::calls(connection& to, const key_names& keys, call_limits bounds)
    : to_(to), keys_(keys), bounds_(bounds) {}

result<reply> calls::run(const script& what, const term& when, std::span<const std::string_view> more) {
    auto& digest = digests_[&what];
    if (digest.empty()) {
        if (auto loaded = load(what); !loaded) return loaded;
    }
    const auto epoch = std::to_string(when.epoch);
    std::vector<std::string_view> words{"EVALSHA",    digest,    "3",   keys_.state,
                                        keys_.places, keys_.log, epoch, when.incarnation};
    words.insert(words.end(), more.begin(), more.end());
    auto answer = to_.call(words);
    if (answer && answer->refuses("NOSCRIPT")) {  // another run of Redis
        if (auto loaded = load(what); !loaded) return loaded;
        answer = to_.call(words);
    }
    if (!answer || answer->what == reply::kind::list) return answer;
    return fail(errc::unavailable, "Redis at " + to_.where().text() + " refuses: " + answer->text);
}

result<reply> calls::load(const script& what) {
    auto answer = to_.call({"SCRIPT", "LOAD", what.text});
    if (answer && answer->what != reply::kind::text)
        return fail(errc::unavailable, "Redis at " + to_.where().text() + " refuses: " + answer->text);
    if (answer) digests_[&what] = answer->text;
    return answer;
}

result<append_result> calls::append(const term& when, std::uint64_t seen,
                                    std::span<const append_item* const> items) {
    std::vector<std::string> texts{std::to_string(seen), packed_limits(bounds_)};
    for (const auto* item : items) {
        texts.push_back(header_of(*item));
        texts.push_back(event_of(*item));
    }
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    const auto answer = run(script::append(), when, words);
    if (!answer) return tl::unexpected(answer.error());
    append_result out;
    const auto& list = answer->list;
    out.lost = !list.empty() && list[0].is("lost");
    if (out.lost) return out;
    if (list.size() != items.size() + 2) return strange(to_);
    out.full = list[0].is("full");
    out.time_ms = list[1].number;
    for (std::size_t i = 0; i < items.size(); ++i)
        out.answers.push_back(answer_of(list[i + 2].text, when.epoch, *items[i]));
    return out;
}

result<settle_result> calls::settle(const term& when, const settled_entry& settled, bool tight) {
    const auto kept_ops = std::to_string(tight ? 0 : bounds_.kept_ops);
    const auto kept_bytes = std::to_string(bounds_.kept_bytes);
    const auto text = packed(settled);
    const std::string_view words[] = {text, kept_ops, kept_bytes};
    const auto answer = run(script::settle(), when, words);
    if (!answer) return tl::unexpected(answer.error());
    const auto& list = answer->list;
    if (!list.empty() && list[0].is("lost")) return settle_result{true};
    if (list.size() != 4) return strange(to_);
    return settle_result{false, static_cast<std::uint64_t>(list[1].number), list[2].number != 0,
                         list[3].number};
}

result<begin_result> calls::begin(const term& when) {
    const auto answer = run(script::begin(), when);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->list.size() != 1) return strange(to_);
    const auto& said = answer->list[0];
    return said.is("ok") ? begin_result::begun : said.is("old") ? begin_result::old : begin_result::lost;
}

result<look_result> calls::look() {
    const auto answer = run(script::look(), {});
    if (!answer) return tl::unexpected(answer.error());
    const auto& list = answer->list;
    if (list.size() != 5) return strange(to_);
    return look_result{{number_in(list[0].text), list[3].text},
                       number_in(list[1].text),
                       number_in(list[2].text),
                       list[4].is("master")};
}

result<std::vector<read_entry>> calls::read(std::uint64_t epoch, std::uint64_t n) {
    const auto count = std::to_string(limits::log_entries_a_turn);
    const auto from = std::to_string(epoch) + '-' + std::to_string(n);
    const auto answer = to_.call({"XREAD", "COUNT", count, "BLOCK", "1000", "STREAMS", keys_.log, from});
    if (!answer) return tl::unexpected(answer.error());
    std::vector<read_entry> out;
    if (answer->what == reply::kind::nothing) return out;
    if (answer->list.size() != 1 || answer->list[0].list.size() != 2) return strange(to_);
    for (const auto& element : answer->list[0].list[1].list) {
        auto entry = entry_of(element);
        if (!entry) return tl::unexpected(entry.error());
        out.push_back(*std::move(entry));
    }
    return out;
}

}  // namespace parley::redis
