#include "tests/layering/rules.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace parley::layering {
namespace {

using names = std::span<const std::string_view>;

/// Who may include whom. A name that ends in .hpp is that header alone, another is the whole folder.
struct rule {
    std::string_view folder;
    names uses;
    names libraries;  ///< first parts of third-party includes; the standard library needs no mention
};

constexpr std::string_view base_uses[] = {"shared/base"};
constexpr std::string_view wire_uses[] = {"shared/base", "shared/wire"};
constexpr std::string_view policy_uses[] = {"shared/base", "shared/policy"};
constexpr std::string_view room_uses[] = {"shared/base", "shared/wire", "shared/policy", "shared/room"};
constexpr std::string_view client_uses[] = {"shared"};
constexpr std::string_view hub_uses[] = {
    "shared/base",           "shared/wire", "shared/policy",
    "shared/room",           "server/hub",  "server/backbone/backbone.hpp",
    "server/store/store.hpp"};
constexpr std::string_view edge_uses[] = {"shared/base",
                                          "shared/wire",
                                          "shared/policy",
                                          "shared/room",
                                          "server/backbone/backbone.hpp",
                                          "server/backbone/epoch_register.hpp",
                                          "server/backbone/settled_watch.hpp",
                                          "server/store/store.hpp",
                                          "server/blobs/blob_store.hpp",
                                          "server/ops/crash_points.hpp"};
constexpr std::string_view front_uses[] = {"shared/base",
                                           "shared/wire",
                                           "shared/policy",
                                           "shared/room",
                                           "server/backbone/backbone.hpp",
                                           "server/store/store.hpp",
                                           "server/blobs/blob_store.hpp",
                                           "server/store/account_store.hpp",
                                           "server/hub/hub.hpp",
                                           "server/hub/outgoing.hpp",
                                           "server/net/api_port.hpp",
                                           "server/net/hub_port.hpp",
                                           "server/ops/config.hpp",
                                           "server/ops/public_url.hpp",
                                           "server/ops/crash_points.hpp"};
constexpr std::string_view ops_uses[] = {"shared/base", "server/hub/hub.hpp",
                                         "server/backbone/redis/address.hpp"};
constexpr std::string_view app_uses[] = {"shared/base", "shared/wire", "shared/policy", "shared/room",
                                         "server"};
constexpr std::string_view wasm_uses[] = {"shared", "wasm-client"};
constexpr std::string_view recorder_uses[] = {"shared", "wasm-client/hosted_core.hpp", "recorder"};
constexpr std::string_view tools_uses[] = {"shared", "recorder", "tools"};
constexpr std::string_view test_uses[] = {"shared", "server", "wasm-client", "recorder", "tests"};

constexpr std::string_view errors_only[] = {"tl"};
constexpr std::string_view core_libraries[] = {"tl", "flatbuffers"};
constexpr std::string_view wasm_libraries[] = {"wasi"};
constexpr std::string_view any_library[] = {""};

/// Deepest first: the first that matches a path is its folder.
constexpr rule rules[] = {
    {"shared/base", base_uses, errors_only},
    {"shared/wire", wire_uses, core_libraries},
    {"shared/policy", policy_uses, errors_only},
    {"shared/room", room_uses, errors_only},
    {"shared/client", client_uses, core_libraries},
    {"server/hub", hub_uses, core_libraries},
    {"server/backbone", edge_uses, any_library},
    {"server/store", edge_uses, any_library},
    {"server/blobs", edge_uses, any_library},
    {"server/net", front_uses, any_library},
    {"server/api", front_uses, any_library},
    {"server/ops", ops_uses, any_library},
    {"server", app_uses, any_library},
    {"wasm-client", wasm_uses, wasm_libraries},
    {"recorder", recorder_uses, core_libraries},
    {"tools", tools_uses, any_library},
    {"tests", test_uses, any_library},
};

/// Libraries that cost every file that sees them: only .cpp files may.
constexpr std::string_view heavy[] = {"boost/beast", "sqlite3.h", "pqxx", "hiredis", "spdlog", "CLI"};

/// Time, chance, threads and the outside world are arguments of the pure folders.
constexpr std::string_view pure[] = {"shared", "server/hub", "wasm-client", "recorder"};
constexpr std::string_view impure_words[] = {"_clock::now",  "random_device", "std::thread",
                                             "std::jthread", "std::mutex",    "std::shared_mutex",
                                             "getenv",       "std::time("};
constexpr std::string_view impure_headers[] = {"thread",   "mutex",   "shared_mutex", "condition_variable",
                                               "future",   "fstream", "filesystem",   "iostream",
                                               "unistd.h", "time.h",  "ctime"};

bool lies_in(std::string_view path, std::string_view folder) {
    return path == folder || (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

bool in_any(std::string_view path, names folders) {
    return std::any_of(folders.begin(), folders.end(), [&](auto folder) { return lies_in(path, folder); });
}

bool is_pure(std::string_view path) {
    return in_any(path, pure);
}

const rule* rule_of(std::string_view path) {
    const auto* found = std::find_if(std::begin(rules), std::end(rules),
                                     [&](const rule& r) { return lies_in(path, r.folder); });
    // server/ and tests/ hold folders too; only the app's own files stand in server/ itself.
    if (found == std::end(rules)) return nullptr;
    if (found->folder == "server" && path.find('/', 7) != std::string_view::npos) return nullptr;
    return found;
}

struct inclusion {
    std::string_view name;
    bool ours = false;  ///< in quotes
};

inclusion inclusion_in(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.starts_with('#')) return {};
    line.remove_prefix(std::min(line.find_first_not_of(" \t", 1), line.size()));
    if (!line.starts_with("include")) return {};
    const auto open = line.find_first_of("\"<");
    if (open == std::string_view::npos) return {};
    const bool ours = line[open] == '"';
    const auto close = line.find(ours ? '"' : '>', open + 1);
    if (close == std::string_view::npos) return {};
    return {line.substr(open + 1, close - open - 1), ours};
}

std::string why_not_ours(std::string_view path, const rule& rule, std::string_view name) {
    if (!rule_of(name)) return "is not named from the root";
    if (lies_in(name, rule.folder) && rule.folder != "server") return {};
    if (name.substr(0, name.rfind('.')) == path.substr(0, path.rfind('.'))) return {};
    return in_any(name, rule.uses) ? "" : "is not open to " + std::string{rule.folder};
}

std::string why_not_theirs(std::string_view path, const rule& rule, std::string_view name) {
    if (path.ends_with(".hpp") && !lies_in(path, "tests") && in_any(name, heavy))
        return "belongs in a .cpp file";
    if (is_pure(path) &&
        std::find(std::begin(impure_headers), std::end(impure_headers), name) != std::end(impure_headers)) {
        return "brings the outside world into a pure folder";
    }
    const bool standard = name.find('/') == std::string_view::npos && !name.ends_with(".h");
    const bool open = rule.libraries.data() == std::data(any_library) || in_any(name, rule.libraries);
    return standard || open ? "" : "is no library of " + std::string{rule.folder};
}

std::string why_not(std::string_view path, const rule& rule, std::string_view line) {
    if (const auto [name, ours] = inclusion_in(line); !name.empty()) {
        auto why = ours ? why_not_ours(path, rule, name) : why_not_theirs(path, rule, name);
        return why.empty() ? why : std::string{name} + " " + why;
    }
    if (!is_pure(path)) return {};
    const auto code = line.substr(0, line.find("//"));
    for (const auto word : impure_words) {
        if (code.find(word) != std::string_view::npos) return std::string{word} + " in a pure folder";
    }
    return {};
}

}  // namespace

std::string_view folder_of(std::string_view path) {
    const auto* rule = rule_of(path);
    return rule ? rule->folder : std::string_view{};
}

std::vector<std::string> offences(std::string_view path, std::string_view text) {
    const auto* rule = rule_of(path);
    if (!rule) return {std::string{path} + ":1: stands in a folder that nobody knows"};
    std::vector<std::string> found;
    for (int number = 1; !text.empty(); ++number) {
        const auto line = text.substr(0, text.find('\n'));
        if (const auto why = why_not(path, *rule, line); !why.empty()) {
            found.push_back(std::string{path} + ":" + std::to_string(number) + ": " + why);
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return found;
}

}  // namespace parley::layering
