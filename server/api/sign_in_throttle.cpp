#include "server/api/sign_in_throttle.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace parley {

std::int64_t sign_in_throttle::attempt(const std::string& account, const std::string& address,
                                       std::int64_t now_ms) {
    const std::lock_guard lock{mutex_};
    const auto person = who_of(account, address);
    auto& tries = records_[person];
    touch(person, tries);
    while (!tries.at_ms.empty() && tries.at_ms.front() <= now_ms - window_ms_)
        tries.at_ms.pop_front();
    if (const auto wait_ms = wait_of(tries, now_ms); wait_ms > 0) return wait_ms;
    tries.at_ms.push_back(now_ms);
    if (records_.size() > most_keys_) forget_oldest();
    return 0;
}

std::int64_t sign_in_throttle::wait(const std::string& account, const std::string& address,
                                    std::int64_t now_ms) const {
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(who_of(account, address));
    return found == records_.end() ? 0 : wait_of(found->second, now_ms);
}

void sign_in_throttle::succeeded(const std::string& account, const std::string& address) {
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(who_of(account, address));
    if (found == records_.end()) return;
    by_use_.erase(found->second.used);
    records_.erase(found);
}

std::size_t sign_in_throttle::keys() const {
    const std::lock_guard lock{mutex_};
    return records_.size();
}

sign_in_throttle::who sign_in_throttle::who_of(const std::string& account, const std::string& address) {
    in6_addr v6{};
    if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return {account, address};
    return {account, {reinterpret_cast<const char*>(v6.s6_addr), 8}};
}

std::int64_t sign_in_throttle::wait_of(const record& tries, std::int64_t now_ms) const {
    if (tries.at_ms.size() < failures_) return 0;
    return std::max<std::int64_t>(0, tries.at_ms.front() + window_ms_ - now_ms);
}

void sign_in_throttle::touch(const who& person, record& tries) {
    by_use_.erase(tries.used);
    tries.used = ++turn_;
    by_use_.emplace(tries.used, person);
}

void sign_in_throttle::forget_oldest() {
    const auto oldest = by_use_.begin();
    records_.erase(oldest->second);
    by_use_.erase(oldest);
}

}  // namespace parley
