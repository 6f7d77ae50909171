#include "shared/room/timeline.hpp"

#include "shared/base/limits.hpp"
#include "shared/base/ordered.hpp"

#include <algorithm>
#include <utility>

namespace parley {

namespace {

bool below(const wire::event& event, std::uint64_t seq) {
    return event.seq < seq;
}

bool earlier(const wire::event& a, const wire::event& b) {
    return a.seq < b.seq;
}

}  // namespace

const wire::event* timeline::at(std::uint64_t seq) const {
    const auto it = std::lower_bound(rows_.begin(), rows_.end(), seq, below);
    return it != rows_.end() && it->seq == seq ? &*it : nullptr;
}

bool timeline::holds(const change_id& change) const {
    const auto same = [&](const wire::event& e) { return e.id == change; };
    return std::any_of(rows_.rbegin(), rows_.rend(), same);
}

bool timeline::begin(std::uint64_t from, bool fresh, std::uint64_t epoch) {
    if (!fresh && from != w_) return false;
    fade_above(w_);
    if (fresh) {
        // Whatever became of rows at or below `from` is not told here; claiming that they were withdrawn
        // could be a lie.
        const auto untold = [&](const faded_row& row) { return !row.withdrawn && row.event.seq <= from; };
        faded_.erase(std::remove_if(faded_.begin(), faded_.end(), untold), faded_.end());
        rows_.clear();
        held_from_ = w_ = from;
        cursor_epoch_ = 0;
    }
    epoch_ = epoch;
    link_lost_ = false;
    return true;
}

timeline::heard timeline::hear(wire::event event) {
    if (event.seq <= head()) return heard::repeated;
    if (event.seq != head() + 1) return heard::gap;
    forget_faded(event.id);
    rows_.push_back(std::move(event));
    return heard::taken;
}

std::uint64_t timeline::settle(const wire::watermark& mark) {
    const auto before = w_;
    if (mark.epoch != epoch_) return before;
    for (const auto& place : mark.voids)
        apply(place);
    const auto reached = std::min(mark.w, head());
    if (reached <= w_) return before;
    w_ = reached;
    cursor_epoch_ = at(w_)->epoch;
    return before;
}

void timeline::truncate(std::uint64_t epoch, std::uint64_t after) {
    fade_above(std::max(after, held_from_));
    if (w_ > head()) {
        w_ = head();
        const auto* last = at(w_);
        cursor_epoch_ = last ? last->epoch : 0;
    }
    epoch_ = epoch;
}

void timeline::repeated_all() {
    const auto own = [&](const faded_row& row) { return row.event.id.author == self_ && !row.withdrawn; };
    faded_.erase(std::remove_if(faded_.begin(), faded_.end(), own), faded_.end());
    for (auto& row : faded_)
        row.withdrawn = true;
    if (faded_.size() > limits::snapshot_events)
        faded_.erase(faded_.begin(), faded_.end() - static_cast<std::ptrdiff_t>(limits::snapshot_events));
}

void timeline::end() {
    rows_.erase(std::lower_bound(rows_.begin(), rows_.end(), w_ + 1, below), rows_.end());
    faded_.clear();
}

bool timeline::extend(std::uint64_t from, std::uint64_t to, std::vector<wire::event> older) {
    if (to != held_from_ || from >= to) return false;
    std::vector<wire::event> page;
    for (auto& event : older) {
        if (event.seq <= from || event.seq > to) continue;
        const auto it = std::lower_bound(page.begin(), page.end(), event.seq, below);
        if (it != page.end() && it->seq == event.seq) continue;
        forget_faded(event.id);  // in another epoch it found a place down here
        insert_ordered(page, std::move(event), earlier);
    }
    for (auto& event : rows_)
        page.push_back(std::move(event));
    rows_ = std::move(page);
    held_from_ = from;
    return true;
}

void timeline::trim(std::size_t most) {
    if (rows_.size() <= most) return;
    const auto settled = std::lower_bound(rows_.begin(), rows_.end(), w_, below);  // the row at W stays
    auto last = rows_.begin() + static_cast<std::ptrdiff_t>(rows_.size() - most);
    last = std::min(last, settled);
    if (last == rows_.begin()) return;
    held_from_ = (last - 1)->seq;
    rows_.erase(rows_.begin(), last);
}

void timeline::fade_above(std::uint64_t seq) {
    const auto first = std::lower_bound(rows_.begin(), rows_.end(), seq + 1, below);
    for (auto it = first; it != rows_.end(); ++it) {
        if (it->kind == change_kind::nothing) continue;
        forget_faded(it->id);
        faded_row row;
        row.event = std::move(*it);
        row.ordinal = next_ordinal_++;
        faded_.push_back(std::move(row));
    }
    rows_.erase(first, rows_.end());
}

void timeline::forget_faded(const change_id& change) {
    const auto same = [&](const faded_row& row) { return row.event.id == change; };
    faded_.erase(std::remove_if(faded_.begin(), faded_.end(), same), faded_.end());
}

void timeline::apply(const wire::void_place& place) {
    const auto it = std::lower_bound(rows_.begin(), rows_.end(), place.seq, below);
    if (it == rows_.end() || it->seq != place.seq || place.seq <= w_) return;
    const bool shown = it->kind == change_kind::message && it->id.author != self_;
    if (shown && place.duplicate_of == 0) {
        faded_row row;
        row.event = *it;
        row.ordinal = next_ordinal_++;
        row.withdrawn = true;
        row.reason = place.code;
        faded_.push_back(std::move(row));
    }
    it->kind = change_kind::nothing;
    it->code = place.code;
    it->duplicate_of = place.duplicate_of;
    it->name.clear();
    it->text.clear();
}

}  // namespace parley
