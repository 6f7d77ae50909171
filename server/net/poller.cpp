#include "server/net/poller.hpp"

#include <cerrno>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace parley {
namespace {

constexpr std::uint64_t waker_key = 0;

int control(int epoll, int what, int fd, std::uint64_t key, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = key;
    return epoll_ctl(epoll, what, fd, &event);
}

}  // namespace

poller::poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), waker_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_ < 0 || waker_ < 0 || control(epoll_, EPOLL_CTL_ADD, waker_, waker_key, EPOLLIN) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll");
    }
}

poller::~poller() {
    ::close(waker_);
    ::close(epoll_);
}

bool poller::add(int fd, std::uint64_t key) {
    return control(epoll_, EPOLL_CTL_ADD, fd, key, EPOLLIN) == 0;
}

void poller::want_writable(int fd, std::uint64_t key, bool wanted) {
    const std::uint32_t writable = EPOLLOUT;
    control(epoll_, EPOLL_CTL_MOD, fd, key, EPOLLIN | (wanted ? writable : 0u));
}

void poller::remove(int fd) {
    control(epoll_, EPOLL_CTL_DEL, fd, 0, 0);
}

void poller::wake() {
    if (!asleep_.exchange(false)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(waker_, &one, sizeof one);  // full is awake enough
}

std::span<const epoll_event> poller::look(int timeout_ms) {
    const int ready = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
    std::size_t kept = 0;
    for (int i = 0; i < ready; ++i) {
        const auto event = events_[static_cast<std::size_t>(i)];
        if (event.data.u64 != waker_key) {
            events_[kept++] = event;
            continue;
        }
        std::uint64_t count = 0;
        [[maybe_unused]] const auto taken = ::read(waker_, &count, sizeof count);
    }
    return {events_.data(), kept};
}

}  // namespace parley
