#include "tests/simulation/run/shrink.hpp"

#include <algorithm>
#include <chrono>

namespace parley::simulation {

namespace {

class shrinker {
public:
    shrinker(const plan& whole, const std::string& law, const breaking& breaks, double most_seconds)
        : whole_(whole),
          law_(law),
          breaks_(breaks),
          until_(std::chrono::steady_clock::now() +
                 std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                     std::chrono::duration<double>(most_seconds))) {
        done_.to.all_steps = false;
        for (const auto& one : whole.steps)
            done_.to.steps.push_back(one.index);
    }

    shrinking run() {
        // A calmer world needs fewer steps, and fewer steps make a calmer one.
        for (bool smaller = true; smaller && !late();)
            smaller = calm_down() | leave_out();
        return done_;
    }

private:
    [[nodiscard]] bool late() const { return std::chrono::steady_clock::now() >= until_; }

    bool still_breaks(const reduction& to) {
        if (late()) return false;
        ++done_.runs;
        auto [law, what] = breaks_(reduced(whole_, to));
        if (law != law_) return false;
        done_.what = std::move(what);
        done_.to = to;
        return true;
    }

    bool calm_down() {
        bool any = false;
        for (const auto& name : calm_names()) {
            if (std::find(done_.to.calm.begin(), done_.to.calm.end(), name) != done_.to.calm.end()) continue;
            auto less = done_.to;
            less.calm.push_back(name);
            any |= still_breaks(less);
        }
        return any;
    }

    /// Larger parts first, then ever smaller ones (Zeller, "Simplifying and Isolating Failure-Inducing
    /// Input", 2002).
    bool leave_out() {
        bool any = false;
        for (auto part = std::max<std::size_t>(1, done_.to.steps.size() / 2);; part /= 2) {
            for (std::size_t at = 0; at < done_.to.steps.size() && !late();) {
                auto less = done_.to;
                const auto from = less.steps.begin() + static_cast<std::ptrdiff_t>(at);
                const auto count = std::min(part, less.steps.size() - at);
                less.steps.erase(from, from + static_cast<std::ptrdiff_t>(count));
                const bool gone = still_breaks(less);
                any |= gone;
                if (!gone) at += count;
            }
            if (part <= 1) return any;
        }
    }

    const plan& whole_;
    const std::string& law_;
    const breaking& breaks_;
    std::chrono::steady_clock::time_point until_;
    shrinking done_;
};

}  // namespace

shrinking shrink(const plan& whole, const std::string& law, const breaking& breaks, double most_seconds) {
    return shrinker{whole, law, breaks, most_seconds}.run();
}

}  // namespace parley::simulation
