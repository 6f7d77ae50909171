#include "server/net/query_pool.hpp"

namespace parley {
namespace {

using answer_variant = decltype(query_answered::answer);

template <class T>
answer_variant as_answer(result<T> found) {
    if (!found) return std::move(found.error());
    return *std::move(found);
}

struct question_to_store {
    room_store& store;

    answer_variant operator()(const load_room& q) const { return as_answer(store.load_room(q.room)); }

    answer_variant operator()(const read_before& q) const {
        return as_answer(store.read_before(q.room, q.before, q.limit));
    }

    answer_variant operator()(const read_after& q) const {
        return as_answer(store.read_after(q.room, q.after, q.limit));
    }

    answer_variant operator()(const find_stored& q) const { return as_answer(store.find(q.room, q.changes)); }

    answer_variant operator()(const rooms_of& q) const { return as_answer(store.rooms_of(q.user)); }

    answer_variant operator()(const list_rooms& q) const {
        return as_answer(store.list_rooms(q.user, q.key, q.limit));
    }

    answer_variant operator()(const list_members& q) const {
        return as_answer(store.list_members(q.room, q.key, q.limit));
    }
};

}  // namespace

query_pool::query_pool(room_store& store, std::size_t threads) : store_(store) {
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { work(); });
}

query_pool::~query_pool() {
    {
        std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_)
        thread.join();
}

void query_pool::ask(query what, answer tell) {
    {
        std::lock_guard lock{mutex_};
        jobs_.push_back({std::move(what), std::move(tell)});
    }
    changed_.notify_one();
}

void query_pool::work() {
    for (;;) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        auto [what, tell] = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        tell(query_answered{what.query, std::visit(question_to_store{store_}, what.ask)});
    }
}

}  // namespace parley
