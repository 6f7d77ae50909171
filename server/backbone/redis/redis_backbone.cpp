#include "server/backbone/redis/redis_backbone.hpp"

#include "server/backbone/redis/fitness.hpp"
#include "server/backbone/redis/parts.hpp"

#include <stdexcept>
#include <utility>

namespace parley::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_patience = 3s;

/// One answer for all.
appended refused(std::vector<append_item> items, judgement why) {
    std::vector<append_answer> answers(items.size(), append_answer{why});
    return {std::move(answers), std::move(items)};
}

}  // namespace

redis_backbone::redis_backbone(backbone_options options, epoch_register& store)
    : parts_(std::make_unique<parts>(std::move(options), store)) {
    auto& p = *parts_;
    if (const auto why = complaint_about(p.tail_link, p.keys); !why.empty()) throw std::runtime_error{why};
    p.following = std::thread{[&p] { p.follow(); }};
    p.asking = std::thread{[&p] { p.ask(); }};
}

redis_backbone::~redis_backbone() {
    stop();
}

void redis_backbone::stop() {
    auto& p = *parts_;
    {
        std::unique_lock lock{p.mutex};
        if (p.stopping) return;
        p.changed.wait_for(lock, stop_patience, [&p] { return p.settled.empty() || !p.working; });
        p.stopping = true;
    }
    p.changed.notify_all();
    p.tail_link.interrupt();
    p.ask_link.interrupt();
    if (p.following.joinable()) p.following.join();
    if (p.asking.joinable()) p.asking.join();
}

std::uint64_t redis_backbone::epoch() const {
    std::lock_guard lock{parts_->mutex};
    return parts_->now.epoch;
}

std::optional<appended> redis_backbone::append(std::uint64_t epoch, std::vector<append_item> items,
                                               std::function<void(appended)> later) {
    auto& p = *parts_;
    std::unique_lock lock{p.mutex};
    if (epoch != p.now.epoch || epoch == 0) return refused(std::move(items), judgement::lost);
    if (!p.working || p.stopping) return refused(std::move(items), judgement::busy);
    p.line.put(epoch, std::move(items), std::move(later));
    lock.unlock();
    p.changed.notify_all();
    return {};
}

std::vector<standing> redis_backbone::find(std::uint64_t epoch, room_id room,
                                           std::span<const change_id> changes) {
    std::lock_guard lock{parts_->mutex};
    if (epoch != parts_->now.epoch) return std::vector<standing>(changes.size());
    return parts_->places.find(room, changes);
}

log_position redis_backbone::end() const {
    return parts_->entries.end();
}

log_read redis_backbone::read(log_position from) {
    return parts_->entries.read(from);
}

void redis_backbone::on_append(std::function<void()> wake) {
    parts_->entries.on_append(std::move(wake));
}

void redis_backbone::settle(const settled_entry& settled) {
    {
        std::lock_guard lock{parts_->mutex};
        if (settled.epoch != parts_->now.epoch) return;
        parts_->settled.put(settled);
    }
    parts_->changed.notify_all();
}

std::string redis_backbone::wait_until_working(std::chrono::milliseconds most) {
    auto& p = *parts_;
    std::unique_lock lock{p.mutex};
    if (p.changed.wait_for(lock, most, [&p] { return p.working; })) return {};
    return p.why_not;
}

settled_place redis_backbone::settled() const {
    std::lock_guard lock{parts_->mutex};
    return {parts_->now.epoch, parts_->places.upto()};
}

bool redis_backbone::wait_settled(settled_place place, std::chrono::milliseconds most) const {
    auto& p = *parts_;
    std::unique_lock lock{p.mutex};
    const auto decided = [&] {
        return p.stopping || p.now.epoch != place.epoch || p.places.upto() >= place.n;
    };
    return p.changed.wait_for(lock, most, decided) && p.now.epoch == place.epoch &&
           p.places.upto() >= place.n;
}

bool redis_backbone::provisional() const {
    std::lock_guard lock{parts_->mutex};
    return parts_->places.provisional();
}

}  // namespace parley::redis
