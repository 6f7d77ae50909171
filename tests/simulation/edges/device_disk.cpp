#include "tests/simulation/edges/device_disk.hpp"

#include "shared/client/records.hpp"

#include <algorithm>
#include <utility>

namespace parley::simulation {

std::string prefix_of(const ulid& outbox) {
    return "outbox/" + to_text(outbox) + "/";
}

std::vector<stored_record> device_disk::records_of(const ulid& outbox) const {
    std::vector<stored_record> found;
    const auto prefix = prefix_of(outbox);
    for (auto at = records_.lower_bound(prefix); at != records_.end() && at->first.starts_with(prefix); ++at)
        found.push_back({at->first, at->second});
    return found;
}

std::vector<stored_record> device_disk::all_records() const {
    std::vector<stored_record> all;
    for (const auto& [key, value] : records_)
        all.push_back({key, value});
    return all;
}

bool device_disk::has_work(const ulid& outbox, user_id user) const {
    const auto found = records_of(outbox);
    return std::any_of(found.begin(), found.end(), [&](const stored_record& record) {
        const auto read = parse_record(record);
        if (!read) return false;
        if (const auto* op = std::get_if<kept_op>(&*read)) return op->user == user;
        const auto* draft = std::get_if<kept_draft>(&*read);
        return draft && draft->user == user;
    });
}

bool device_disk::holds(op_id op) const {
    const auto end = "/op/" + to_text(op);
    return std::any_of(records_.begin(), records_.end(),
                       [&](const auto& record) { return record.first.ends_with(end); });
}

std::vector<op_id> device_disk::ops() const {
    std::vector<op_id> found;
    for (const auto& [key, value] : records_) {
        const auto at = key.find("/op/");
        if (const auto id = at == std::string::npos ? std::nullopt : parse_ulid(key.substr(at + 4)))
            found.push_back(op_id{*id});
    }
    return found;
}

void device_disk::commit(const words& changes, bool strict) {
    words before;
    for (const auto& [key, value] : changes) {
        const auto at = records_.find(key);
        before[key] = at == records_.end() ? std::optional<bytes>{} : at->second;
        set(key, value);
    }
    // A log on a disk is synced up to its end.
    if (strict) return relaxed_.clear();
    relaxed_.push_back(std::move(before));
}

void device_disk::lose_tail(dice& chance) {
    for (auto left = chance.upto(static_cast<std::int64_t>(relaxed_.size())); left > 0; --left) {
        for (const auto& [key, value] : relaxed_.back())
            set(key, value);
        relaxed_.pop_back();
    }
    relaxed_.clear();
}

std::string device_disk::damage(dice& chance) {
    if (records_.empty()) return {};
    auto at = records_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(chance.below(records_.size())));
    auto& value = at->second;
    switch (chance.below(4)) {
    case 0: value.resize(chance.below(value.size() + 1)); break;
    case 1: value.push_back(static_cast<std::uint8_t>(chance.next())); break;
    case 2:
        if (!value.empty()) value[0] = static_cast<std::uint8_t>(value[0] + 1);  // of another version
        break;
    default:
        if (!value.empty())
            value[chance.below(value.size())] ^= static_cast<std::uint8_t>(1u << chance.below(8));
    }
    return at->first;
}

void device_disk::clear() {
    records_.clear();
    relaxed_.clear();
}

void device_disk::set(const std::string& key, const std::optional<bytes>& value) {
    if (value) {
        records_[key] = *value;
    } else {
        records_.erase(key);
    }
}

disk_writer::disk_writer(surroundings& around, device_disk& disk, std::uint64_t number, listener ears)
    : around_(around), disk_(disk), ears_(std::move(ears)), chance_(around.chance_of(stream::disk, number)) {}

disk_writer::~disk_writer() {
    *alive_ = false;
    if (under_way_ && disk_.now == device_disk::condition::well && chance_.one_in(2))
        disk_.commit(under_way_->changes, under_way_->strict);
}

void disk_writer::write(const persist& batch) {
    waiting_.batches.push_back(batch.batch);
    for (const auto& key : batch.drop)
        waiting_.changes[key] = std::nullopt;
    for (const auto& [key, value] : batch.put)
        waiting_.changes[key] = value;
    waiting_.strict |= batch.strict;
    begin();
}

void disk_writer::begin() {
    if (under_way_ || waiting_.batches.empty()) return;
    under_way_ = std::exchange(waiting_, {});
    around_.clock.after(chance_.upto(around_.rate.disk.delay_ms), [this, alive = alive_] {
        if (*alive) end();
    });
}

void disk_writer::end() {
    const auto done = *std::exchange(under_way_, std::nullopt);
    std::optional<persist_failed::reason> why;
    if (disk_.now == device_disk::condition::full) why = persist_failed::reason::full;
    if (disk_.now == device_disk::condition::refusing ||
        (!around_.healing && chance_.permille(around_.rate.disk.fails_permille)))
        why = persist_failed::reason::other;
    if (closed_) why = persist_failed::reason::closed;
    if (!why) disk_.commit(done.changes, done.strict);
    const auto alive = alive_;
    for (const auto batch : done.batches) {
        if (why) {
            ears_.tell(persist_failed{batch, *why});
        } else {
            ears_.tell(persisted{batch});
        }
        if (!*alive) return;
    }
    begin();
}

}  // namespace parley::simulation
