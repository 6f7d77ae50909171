/// parley-replay FILE: plays a recording of the browser's core again, tells it, and compares what the core
/// gives now with what it gave then.

#include "recorder/replay.hpp"
#include "shared/base/limits.hpp"
#include "tools/frames_told.hpp"
#include "tools/last_words.hpp"
#include "tools/transcript.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace parley {

namespace {

namespace rec = recorder;

enum exit_code : int { equal = 0, different = 1, unreadable = 2 };

struct wishes {
    std::string file;
    bool brief = false;
};

/// Null and a line on stderr where there is nothing to read.
std::optional<rec::recording> read(const std::string& path) {
    const auto refuse = [&](std::string_view why) {
        std::cerr << "parley-replay: " << path << ' ' << why << '\n';
        return std::nullopt;
    };
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const auto size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
    if (size < 0) return refuse("can't be opened");
    if (size > static_cast<std::streamoff>(limits::recording_bytes))
        return refuse("is too large for a recording");
    bytes all(static_cast<std::size_t>(size));
    in.seekg(0);
    if (!in.read(reinterpret_cast<char*>(all.data()), size)) return refuse("can't be read");
    auto read = rec::read_file(all);
    if (!read) return refuse(rec::sentence_of(read.error()));
    return std::move(*read);
}

std::string date_of(double wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / 1'000);
    std::tm parts{};
    if (!gmtime_r(&seconds, &parts)) return "at no time";
    std::ostringstream out;
    out << std::put_time(&parts, "%Y-%m-%d %H:%M:%S UTC");
    return out.str();
}

std::size_t facts_in(const rec::flight& flight) {
    return static_cast<std::size_t>(
        std::count_if(flight.moments.begin(), flight.moments.end(),
                      [](const auto& moment) { return moment.kind == rec::moment::what::step; }));
}

class flight_teller {
public:
    flight_teller(const rec::flight& flight, bool brief) : flight_(flight), brief_(brief) {}

    /// Whether all of it is as it was.
    bool tell(std::size_t number, std::size_t of) {
        const bool whole = rec::whole(flight_);
        head(number, of, whole);
        for (std::size_t at = 0; at < flight_.moments.size(); ++at) {
            const auto& moment = flight_.moments[at];
            if (!brief_) told(moment);
            if (whole)
                play(moment, at);
            else if (!brief_)
                gave(moment, moment.gave);
        }
        if (!flight_.end.empty()) std::cout << "the worker ended: " << flight_.end << '\n';
        if (whole) foot();
        return differences_ == 0;
    }

private:
    void head(std::size_t number, std::size_t of, bool whole) const {
        std::cout << "flight " << number << " of " << of << ": " << facts_in(flight_) << " facts";
        if (!flight_.moments.empty()) std::cout << " from " << date_of(flight_.moments.front().wall_ms);
        std::cout << '\n';
        if (whole) return;
        if (flight_.forgotten != 0)
            std::cout << "it begins in the middle: " << flight_.forgotten
                      << " facts before it were dropped\n";
        std::cout << "it can't be played again; this is what the worker's core was told and gave\n";
    }

    void told(const rec::moment& moment) const {
        std::cout << std::fixed << std::setprecision(3) << std::setw(12)
                  << (moment.mono_ms - flight_.moments.front().mono_ms) / 1'000 << "  ";
        if (moment.kind == rec::moment::what::step)
            tell_fact(std::cout, moment.fact);
        else
            std::cout << "view asked for\n";
    }

    void gave(const rec::moment& moment, const rec::given& what) const {
        if (!moment.returned)
            std::cout << "              → never returned\n";
        else if (moment.kind == rec::moment::what::step)
            tell_effects(std::cout, what.effects);
        else if (what.patch_size != 0)
            std::cout << "              → patch of " << what.patch_size << " bytes\n";
    }

    void play(const rec::moment& moment, std::size_t at) {
        if (!moment.returned) std::cout << "              here the worker's core ended\n";
        expect_end(!moment.returned);
        const auto again = replay_.play(moment);
        expect_end(false);
        if (!brief_) gave(moment, again);
        if (moment.returned && rec::same(moment.gave, again)) return;
        if (differences_++ == 0) first_ = at;
        std::cout << "DIFFERS at moment " << at + 1;
        if (!moment.returned) {
            std::cout << ": the core goes on where the worker's ended\n";
            return;
        }
        std::cout << ": recorded " << size_of(moment.gave) << " bytes, now " << size_of(again) << '\n';
        if (moment.kind == rec::moment::what::step) {
            std::cout << "              recorded:\n";
            tell_effects(std::cout, moment.gave.effects);
        }
    }

    static std::size_t size_of(const rec::given& what) { return what.effects.size() + what.patch_size; }

    void foot() {
        const auto& last = flight_.moments.back();
        std::cout << "---- state at the end\n";
        if (auto* core = replay_.core())
            tell_state(std::cout, *core,
                       {static_cast<std::int64_t>(last.mono_ms), static_cast<std::int64_t>(last.wall_ms)});
        if (differences_ == 0)
            std::cout << "---- equal: all " << flight_.moments.size() << " moments gave what was recorded\n";
        else
            std::cout << "---- DIFFERENT: " << differences_ << " of " << flight_.moments.size()
                      << " moments, first moment " << first_ + 1 << '\n';
    }

    const rec::flight& flight_;
    bool brief_;
    rec::replay replay_;
    std::size_t differences_ = 0;
    std::size_t first_ = 0;
};

/// In a process of its own, which may end as the worker did: there may be more flights to tell.
template <class Tell>
bool apart(const rec::flight& flight, Tell&& tell) {
    std::cout.flush();
    const auto child = fork();
    if (child == 0) {
        const bool as_recorded = tell();
        std::cout.flush();
        std::_Exit(as_recorded ? equal : different);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) throw std::runtime_error("no process to play it in");
    if (WIFEXITED(status)) return WEXITSTATUS(status) == equal;
    const bool expected = !flight.moments.empty() && !flight.moments.back().returned;
    std::cout << "the core ended with signal " << WTERMSIG(status)
              << (expected ? ", as the recording does\n"
                           : "\n---- DIFFERENT: it did not end when it was recorded\n");
    return expected;
}

int run(const wishes& wished) {
    const auto recording = read(wished.file);
    if (!recording) return unreadable;
    std::cout << "recorded by " << quoted{recording->program}
              << (recording->masked ? "; what people wrote is masked\n" : "\n");
    const auto count = recording->flights.size();
    bool all = true;
    for (std::size_t i = 0; i < count; ++i)
        all &= apart(recording->flights[i],
                     [&] { return flight_teller(recording->flights[i], wished.brief).tell(i + 1, count); });
    return all ? equal : different;
}

}  // namespace

}  // namespace parley

int main(int argc, char** argv) {
    parley::wishes wished;
    CLI::App app{
        "Plays a recording that Parley's \"Report a problem\" saved, tells it and compares.\n"
        "Ends with 0 if all is as recorded, 1 if something differs, 2 if FILE can't be read."};
    app.add_option("FILE", wished.file, "The recording")->required();
    app.add_flag("--brief", wished.brief, "Only differences and the state at the end");
    app.set_version_flag("--version", "parley-replay " PARLEY_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? parley::equal : parley::unreadable;
    }
    try {
        return parley::run(wished);
    } catch (const std::exception& error) {
        std::cerr << "parley-replay: " << error.what() << '\n';
        return parley::unreadable;
    }
}
