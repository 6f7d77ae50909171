#include "server/hub/fan_out.hpp"

#include "shared/base/limits.hpp"

#include <algorithm>

namespace parley {

void fan_out::put(room& where) {
    if (where.message && !fits(*where.message)) close(where);
    if (!where.message) {
        where.message = std::make_shared<outgoing>();
        if (!std::exchange(where.speaking, true)) speaking_.push_back(&where);
        for (const auto& each : where.live)
            enqueue(*each.who, where.message);
    }
    add_scratch(*where.message);
}

void fan_out::put(session& to) {
    if (to.phase == session_phase::closing) return;
    if (!to.private_last || !fits(*to.queue.back())) {
        enqueue(to, std::make_shared<outgoing>());
        to.private_last = true;
    }
    add_scratch(*to.queue.back());
    to.turn_bytes += scratch_.size();
}

void fan_out::enqueue(session& to, const outgoing_ptr& message) {
    if (std::exchange(to.private_last, false)) to.queue.back()->seal();
    if (!std::exchange(to.has_news, true)) with_news_.push_back(&to);
    to.queue.push_back(message);
}

void fan_out::add_scratch(outgoing& message) {
    auto& buffer = message.buffer();
    buffer.insert(buffer.end(), scratch_.begin(), scratch_.end());
}

bool fan_out::fits(outgoing& message) const {
    return message.payload_size() + scratch_.size() <= limits::outgoing_bytes;
}

void fan_out::close(room& where) {
    if (!where.message) return;
    where.message->seal();
    where.message.reset();
}

void fan_out::flush(std::vector<send_messages>& sends) {
    for (auto* where : speaking_) {
        close(*where);
        where->speaking = false;
    }
    speaking_.clear();
    sends.resize(with_news_.size());
    for (std::size_t i = 0; i < sends.size(); ++i) {
        auto& to = *with_news_[i];
        if (std::exchange(to.private_last, false)) to.queue.back()->seal();
        to.has_news = false;
        to.turn_bytes = 0;
        sends[i].session = to.handle;
        sends[i].messages.clear();
        sends[i].messages.swap(to.queue);
    }
    with_news_.clear();
}

void fan_out::forget(session& gone) {
    if (gone.private_last) gone.queue.back()->seal();
    if (gone.has_news) std::erase(with_news_, &gone);
}

void fan_out::forget(room& gone) {
    close(gone);
    if (gone.speaking) std::erase(speaking_, &gone);
}

}  // namespace parley
