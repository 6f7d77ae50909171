#pragma once

#include "recorder/recording.hpp"
#include "shared/client/local_generated.h"
#include "shared/wire/codec.hpp"
#include "wasm-client/hosted_core.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace parley::testing {

inline constexpr std::int64_t talk_ms = 1'700'000'000'000;

/// A core and its recorder, as the browser's worker has them.
class recorded_worker {
public:
    recorder::flight flight;
    hosted_core core;

    void tell(local::fact kind, flatbuffers::Offset<void> fact);
    void look();

    void start(const std::vector<stored_record>& records);
    void hear(const bytes& message);
    void intend(local::intent_kind kind, std::string_view text);

    flatbuffers::FlatBufferBuilder b;  ///< of the next fact

private:
    void pass() { mono_ms_ += 7; }

    double mono_ms_ = 1'000;
    std::uint64_t next_intent_ = 1;
};

/// What is said in `a_talk`; the first line waits on the device, the draft too.
inline constexpr std::string_view waiting_text = "left behind by a tab",
                                  draft_text = "half a thought, unsent";
inline constexpr std::string_view theirs_text = "the heron stands in the reeds 🦆";
inline constexpr std::string_view own_text = "Grüße aus\nder Mühle";
inline constexpr std::string_view topic_text = "all about water birds";

/// Two people in a room: stored records, a sign-in, what another says, one's own message, a draft, patches
/// drawn.
recorder::recording a_talk();

}  // namespace parley::testing
