#pragma once

#include "shared/base/ordered.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace parley {

/// Owns what has an `id()`, in the order of ids. What it holds stays where it is until it is taken.
///
/// A sorted vector, since new ids are mostly the highest, and since a std::map weighs three times as much in
/// the browser.
template <class T>
class by_id {
public:
    using owner = std::unique_ptr<T>;

    template <class Id>
    [[nodiscard]] T* find(const Id& id) const {
        const auto at = place(id);
        return at < all_.size() && all_[at]->id() == id ? all_[at].get() : nullptr;
    }

    /// Its id must not be held yet.
    T& put(owner one) {
        auto& held = *one;
        insert_ordered(all_, std::move(one),
                       [](const owner& a, const owner& b) { return a->id() < b->id(); });
        return held;
    }

    /// Gives up what `find` has found.
    owner take(const T& held) {
        auto at = place(held.id());
        for (; at + 1 < all_.size(); ++at)
            std::swap(all_[at], all_[at + 1]);
        auto taken = std::move(all_.back());
        all_.pop_back();
        return taken;
    }

    [[nodiscard]] std::size_t size() const { return all_.size(); }

    void clear() { all_.clear(); }

    [[nodiscard]] auto begin() const { return all_.begin(); }

    [[nodiscard]] auto end() const { return all_.end(); }

    [[nodiscard]] auto rbegin() const { return all_.rbegin(); }

    [[nodiscard]] auto rend() const { return all_.rend(); }

private:
    template <class Id>
    [[nodiscard]] std::size_t place(const Id& id) const {
        const auto below = [](const owner& one, const Id& other) { return one->id() < other; };
        return static_cast<std::size_t>(std::lower_bound(all_.begin(), all_.end(), id, below) - all_.begin());
    }

    std::vector<owner> all_;
};

}  // namespace parley
