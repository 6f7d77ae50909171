#pragma once

#include "shared/base/assert.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace parley {

/// First in, first out, and by index from the oldest. Holds no memory until something is pushed.
template <class Value>
class ring {
public:
    [[nodiscard]] bool empty() const { return size_ == 0; }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] Value& operator[](std::size_t i) { return slots_[(begin_ + i) & (slots_.size() - 1)]; }

    [[nodiscard]] const Value& operator[](std::size_t i) const {
        return slots_[(begin_ + i) & (slots_.size() - 1)];
    }

    [[nodiscard]] Value& front() { return (*this)[0]; }

    [[nodiscard]] const Value& front() const { return (*this)[0]; }

    [[nodiscard]] Value& back() { return (*this)[size_ - 1]; }

    void push_back(Value value) {
        if (size_ == slots_.size()) grow();
        (*this)[size_++] = std::move(value);
    }

    Value pop_front() {
        PARLEY_ASSERT(size_ > 0);
        Value value = std::exchange(front(), Value{});
        begin_ = (begin_ + 1) & (slots_.size() - 1);
        --size_;
        return value;
    }

    void clear() { *this = ring{}; }

private:
    void grow() {
        std::vector<Value> larger(slots_.empty() ? 4 : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i)
            larger[i] = std::move((*this)[i]);
        slots_ = std::move(larger);
        begin_ = 0;
    }

    std::vector<Value> slots_;  // a power of two
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
};

}  // namespace parley
