#include "shared/base/assert.hpp"
#include "shared/base/hash.hpp"
#include "shared/client/records.hpp"
#include "shared/wire/validate.hpp"
#include "tests/fuzz/client_stage.hpp"
#include "tests/fuzz/targets.hpp"

namespace parley::fuzz {
namespace {

constexpr std::size_t most_records = 24;
constexpr hash_key check_key{0x7061726c65790001u, 0x7265636f72647301u};  // as records.cpp has it
constexpr int calm_turns = 60;

kept_op a_kept_op(choices& choose) {
    kept_op op;
    op.outbox = some_outbox(choose.below(outboxes));
    op.id = {make_ulid(1'700'000'000'000 + choose.byte(), 0, choose.below(32))};
    op.room = a_room(choose);
    op.order = choose.quantity();
    op.intent = choose.quantity();
    op.kind = static_cast<change_kind>(choose.below(6));
    op.discard = choose.flag();
    op.failed = static_cast<errc>(choose.flag() ? 0 : choose.number(2));
    op.name = choose.flag() ? "room" : choose.text();
    op.text = choose.flag() ? "hello" : choose.text();
    op.user = some_user(op.order == 1 ? 1 : 0);
    return op;
}

kept_draft a_draft(choices& choose) {
    return {some_outbox(choose.below(outboxes)),
            {{1, choose.byte()}},
            a_room(choose),
            choose.text(),
            some_user(0)};
}

bytes sealed(byte_view body) {
    bytes value(body.begin(), body.end());
    const auto check = sip_hash(check_key, body);
    for (int i = 0; i < 8; ++i)
        value.push_back(static_cast<std::uint8_t>(check >> (8 * i)));
    return value;
}

stored_record a_record(choices& choose) {
    switch (choose.below(6)) {
    case 0: return to_record(a_kept_op(choose));
    case 1: return to_record(a_draft(choose));
    case 2: return to_record(kept_device{{{choose.number(8), choose.number(8)}}});
    case 3: return to_record(kept_clock{static_cast<std::int64_t>(choose.quantity())});
    case 4: {  // a body of the input's own, under the key that fits it
        auto record = to_record(a_kept_op(choose));
        record.value = sealed(choose.take(choose.byte()));
        return record;
    }
    default: {
        const auto value = choose.take(choose.byte());
        return {choose.text(), bytes(value.begin(), value.end())};
    }
    }
}

/// What reads back is what would be written.
void check(const stored_record& record) {
    const auto read = parse_record(record);
    if (!read) {
        PARLEY_ASSERT(!read.error().detail.empty() || read.error().code != errc::none);
        return;
    }
    const auto again = std::visit([](const auto& kept) { return to_record(kept); }, *read);
    PARLEY_ASSERT(again.key == record.key);
    const auto twice = parse_record(again);
    PARLEY_ASSERT(twice.has_value() && twice->index() == read->index());
}

/// Whether a record of an outbox that the client holds lets it offer this op.
bool may_offer(const std::map<std::string, bytes>& disk, bool holds_all, const wire::op& op) {
    for (const auto& [key, value] : disk) {
        const auto read = parse_record({key, value});
        const auto* kept = read ? std::get_if<kept_op>(&*read) : nullptr;
        const bool held = kept && kept->user == some_user(0) && (holds_all || kept->outbox == some_outbox(0));
        if (held && kept->id == op.id && kept->room == op.room) return true;
    }
    return false;
}

}  // namespace

void stored_records(byte_view input) {
    choices choose{input};
    client_stage stage{choose.flag()};
    const bool claims = choose.flag();
    for (std::size_t n = 0; n < most_records && !choose.done(); ++n) {
        auto record = a_record(choose);
        if (choose.below(8) == 7 && !record.value.empty())
            record.value[choose.below(record.value.size())] ^= choose.byte();
        check(record);
        stage.disk[record.key] = record.value;
    }
    const auto disk = stage.disk;
    stage.start();
    if (claims) stage.claim_all();
    stage.calm_down(calm_turns);
    for (const auto& [id, op] : stage.offered())
        PARLEY_ASSERT(may_offer(disk, claims, op));
    stage.reload();
    stage.calm_down(calm_turns);
}

}  // namespace parley::fuzz
