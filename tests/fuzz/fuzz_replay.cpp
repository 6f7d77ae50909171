#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

/// fuzz_replay [target [file...]]: runs the inputs of the corpus, or these, once each. An input that breaks a
/// promise ends the program; its name is the last that was printed.
namespace {

namespace fs = std::filesystem;
using parley::fuzz::target;

std::vector<fs::path> corpus_of(const target& one) {
    std::vector<fs::path> files;
    const auto folder = fs::path{PARLEY_SOURCE_DIR} / "tests/fuzz/corpus" / one.name;
    for (const auto& entry : fs::directory_iterator{folder})
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

bool replay(const target& one, const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    const parley::bytes input{std::istreambuf_iterator<char>{file}, {}};
    std::cout << one.name << ' ' << path.filename().string() << std::endl;
    if (!file || input.empty()) return false;
    one.run(input);
    return true;
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    std::vector<target> chosen{parley::fuzz::targets().begin(), parley::fuzz::targets().end()};
    if (!arguments.empty()) {
        const auto* one = parley::fuzz::find_target(arguments[0]);
        if (!one) {
            std::cerr << "fuzz_replay: there is no target " << arguments[0] << '\n';
            return 1;
        }
        chosen = {*one};
    }
    std::size_t good = 0, bad = 0;
    for (const auto& one : chosen) {
        const auto files = arguments.size() > 1
                               ? std::vector<fs::path>(arguments.begin() + 1, arguments.end())
                               : corpus_of(one);
        bad += files.empty();
        for (const auto& file : files)
            ++(replay(one, file) ? good : bad);
    }
    std::cout << good << " passed, " << bad << " failed\n";
    return bad == 0 ? 0 : 1;
}
