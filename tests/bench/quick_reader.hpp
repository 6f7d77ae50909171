#pragma once

#include "shared/base/bytes.hpp"

#include <flatbuffers/flatbuffers.h>

#include <cstdint>

/// Reads the two frames that a measurement is full of straight from their bytes, unverified and unaligned, so
/// that reading costs the generator about as little as it does with the raw server. Field numbers are
/// parley.fbs's.
namespace parley::bench {

class quick_frame {
public:
    enum class type : std::uint8_t { event = 12, watermark = 15 };

    /// `frame` is one frame with its size prefix.
    explicit quick_frame(const std::uint8_t* frame)
        : root_{flatbuffers::GetRoot<flatbuffers::Table>(frame + sizeof(flatbuffers::uoffset_t))} {}

    [[nodiscard]] type what() const { return static_cast<type>(root_->GetField<std::uint8_t>(field(0), 0)); }

    [[nodiscard]] std::uint64_t event_seq() const { return number(1); }

    /// What `op_id_of` was given.
    [[nodiscard]] std::uint64_t event_number() const {
        const auto* id = body()->GetStruct<const std::uint8_t*>(field(3));
        return id == nullptr ? 0 : flatbuffers::ReadScalar<std::uint64_t>(id + 8);
    }

    [[nodiscard]] std::uint64_t watermark_w() const { return number(2); }

    [[nodiscard]] bool watermark_has_voids() const { return body()->CheckField(field(3)); }

private:
    static constexpr flatbuffers::voffset_t field(int id) {
        return static_cast<flatbuffers::voffset_t>(sizeof(flatbuffers::voffset_t) *
                                                   static_cast<std::size_t>(2 + id));
    }

    [[nodiscard]] const flatbuffers::Table* body() const {
        return root_->GetPointer<const flatbuffers::Table*>(field(1));
    }

    [[nodiscard]] std::uint64_t number(int id) const { return body()->GetField<std::uint64_t>(field(id), 0); }

    const flatbuffers::Table* root_;
};

/// Throws if this reader and the codec have come apart.
void check_quick_reader();

/// Calls `each(frame with its prefix, its size)` for every frame of a message.
template <class Each>
void for_each_frame(byte_view message, Each&& each) {
    while (message.size() > sizeof(flatbuffers::uoffset_t)) {
        const std::size_t size =
            sizeof(flatbuffers::uoffset_t) + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(message.data());
        if (size > message.size()) {
            return;
        }
        each(message.first(size));
        message = message.subspan(std::min(message.size(), (size + 7) / 8 * 8));
    }
}

}  // namespace parley::bench
