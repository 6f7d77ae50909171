#include "shared/base/assert.hpp"
#include "shared/client/local_generated.h"
#include "tests/fuzz/choices.hpp"
#include "tests/fuzz/targets.hpp"
#include "wasm-client/exports.cpp"  // with its state, so that each input begins with a new core

namespace parley::fuzz {
namespace {

constexpr int most_calls = 300;

template <class Root>
void check_output(const std::uint8_t* at, std::uint32_t size) {
    flatbuffers::Verifier verifier(at, size);
    PARLEY_ASSERT(verifier.VerifyBuffer<Root>(nullptr));
}

void begin() {
    hosted = {};
}

}  // namespace

/// Each call is a byte that says which and when; a step has a length of two bytes and so many of its fact.
void core_border(byte_view input) {
    choices choose{input};
    begin();
    double mono = 1'000, wall = 1'700'000'000'000.0;
    for (int i = 0; i < most_calls && !choose.done(); ++i) {
        const auto what = choose.byte();
        mono += what >> 4 == 15 ? 60'000 : what >> 4;
        wall += what >> 4;
        if ((what & 15) == 15) {
            if (const auto size = ::view(mono, wall)) check_output<local::view_out>(::view_bytes(), size);
            continue;
        }
        const auto fact = choose.run();
        auto* at = ::inbox(static_cast<std::uint32_t>(fact.size()));
        std::copy(fact.begin(), fact.end(), at);
        const auto claimed = static_cast<std::uint32_t>(fact.size() + ((what & 15) == 14 ? 1 : 0));
        const auto size = ::step(mono, wall, claimed);
        PARLEY_ASSERT(size == 0 || claimed == fact.size());
        PARLEY_ASSERT(size == 0 || hosted.core() != nullptr);
        if (size != 0) check_output<local::effects_out>(::outbox(), size);
    }
}

}  // namespace parley::fuzz
