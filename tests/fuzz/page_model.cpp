#include "tests/fuzz/page_model.hpp"

#include "shared/base/assert.hpp"
#include "shared/client/local_names.hpp"

#include <set>

namespace parley::fuzz {
namespace {

void check_rows(const room_view& room) {
    std::set<change_id> changes;
    const row_view* before = nullptr;
    for (const auto& row : room.rows) {
        PARLEY_ASSERT(changes.insert(row.change).second);
        PARLEY_ASSERT(row.kind != change_kind::nothing);
        if (before && row.seq != 0) PARLEY_ASSERT(before->seq != 0 && before->seq <= row.seq);
        if (before && row.seq == 0 && before->seq == 0) PARLEY_ASSERT(before->ordinal < row.ordinal);
        before = &row;
    }
}

}  // namespace

void page_model::check(client& core) {
    std::set<room_id> ids;
    for (const auto* room : core.rooms()) {
        PARLEY_ASSERT(ids.insert(room->id).second);
        const auto* whole = core.room(room->id);
        PARLEY_ASSERT(whole);
        check_rows(*whole);
    }
}

void page_model::look(client& core, instant now, bool drawn) {
    const auto patch = core.take_patch(now);
    if (!patch.empty()) {
        apply(patch);
        compare(core);
    }
    if (drawn) core.acknowledge_patch(number_);
}

void page_model::apply(byte_view patch) {
    flatbuffers::Verifier verifier(patch.data(), patch.size());
    PARLEY_ASSERT(verifier.VerifyBuffer<local::view_out>(nullptr));
    const auto* news = flatbuffers::GetRoot<local::view_out>(patch.data())->patch();
    PARLEY_ASSERT(news->number() > number_);
    number_ = news->number();
    shown_ = news->shown_room() ? news->shown_room()->str() : "";
    if (news->reset()) rows_.clear();
    if (news->gone())
        for (const auto* change : *news->gone())
            PARLEY_ASSERT(rows_.erase(change->str()) == 1);
    if (news->rows())
        for (const auto* row : *news->rows())
            rows_[row->change()->str()] = {row->seq(), row->text() ? row->text()->str() : "",
                                           static_cast<int>(row->state())};
}

void page_model::compare(client& core) const {
    const auto shown = parse_ulid(shown_);
    const auto* room = shown ? core.room(room_id{*shown}) : nullptr;
    std::map<std::string, shown_row> rows;
    if (room)
        for (const auto& row : room->rows)
            rows[change_text(row.change)] = {static_cast<double>(row.seq), row.text,
                                             static_cast<int>(row.state)};
    PARLEY_ASSERT(rows == rows_);
}

}  // namespace parley::fuzz
