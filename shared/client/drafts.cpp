#include "shared/client/drafts.hpp"

#include "shared/base/text.hpp"

#include <utility>

namespace parley {

kept_draft* drafts::held(room_id room) {
    for (auto& draft : all_)
        if (draft.room == room) return &draft;
    return nullptr;
}

const kept_draft* drafts::find(room_id room) const {
    return const_cast<drafts*>(this)->held(room);
}

void drafts::save(room_id room, std::string text, op_id fresh) {
    if (text.empty()) return drop(room);
    auto* draft = held(room);
    if (!draft) draft = &all_.emplace_back(kept_draft{own_, fresh, room, {}, user_});
    if (draft->recalled && draft->text != text) {
        draft->id = fresh;
        draft->recalled = false;
    }
    draft->text = std::move(text);
    auto record = to_record(*draft);
    disk_.put(std::move(record.key), std::move(record.value), false);
}

void drafts::recall(kept_draft draft, op_id fresh) {
    auto* mine = held(draft.room);
    draft.recalled = true;
    if (draft.outbox == own_) {
        if (!mine) mine = &all_.emplace_back();
        *mine = std::move(draft);
        return;
    }
    disk_.drop(key_of(draft), false);
    if (mine) return save(draft.room, joined({mine->text, "\n", draft.text}), fresh);
    const auto room = draft.room;
    auto text = draft.text;
    draft.outbox = own_;
    all_.push_back(std::move(draft));
    save(room, std::move(text), fresh);
}

void drafts::drop_sent(room_id room, op_id id) {
    const auto* mine = find(room);
    if (mine && mine->id == id) drop(room);
}

void drafts::drop(room_id room) {
    auto* draft = held(room);
    if (!draft) return;
    disk_.drop(key_of(*draft), true);
    std::swap(*draft, all_.back());
    all_.pop_back();
}

}  // namespace parley
