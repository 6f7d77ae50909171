#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <vector>

namespace parley::wire {

/// The elements of a FlatBuffers vector of tables or strings; one type for all of them, and so one copy of
/// its code.
class offsets {
public:
    explicit offsets(std::size_t count) { all_.reserve(count); }

    template <class T>
    void add(flatbuffers::Offset<T> element) {
        all_.push_back(element.Union());
    }

    template <class T>
    [[nodiscard]] flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<T>>> put(
        flatbuffers::FlatBufferBuilder& b) const {
        return b.CreateVector(all_).o;
    }

private:
    std::vector<flatbuffers::Offset<void>> all_;
};

}  // namespace parley::wire
