#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <cstdlib>

/// libFuzzer's way in. PARLEY_FUZZ names the target.
namespace {

const parley::fuzz::target& chosen() {
    static const auto* found = [] {
        const char* name = std::getenv("PARLEY_FUZZ");
        const auto* one = name ? parley::fuzz::find_target(name) : nullptr;
        if (!one) {
            std::fputs("PARLEY_FUZZ must name a target\n", stderr);
            std::exit(1);
        }
        return one;
    }();
    return *found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    chosen().run({data, size});
    return 0;
}
