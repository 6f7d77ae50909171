#include "server/backbone/redis/fitness.hpp"

#include <charconv>

namespace parley::redis {
namespace {

constexpr int oldest_version = 7;

/// The value of a line `name:value` of INFO.
std::string field(const std::string& told, std::string_view name) {
    const auto line = "\n" + std::string{name} + ':';
    const auto at = told.find(line);
    if (at == std::string::npos) return {};
    const auto from = at + line.size();
    return told.substr(from, told.find_first_of("\r\n", from) - from);
}

std::string printable(const std::string& key) {
    std::string out;
    for (const char c : key.substr(0, 40))
        out += c >= ' ' && c <= '~' ? c : '?';
    return out;
}

std::string foreign_key_of(const reply& page, const key_names& keys) {
    for (const auto& key : page.list[1].list) {
        if (!key.text.starts_with(keys.prefix)) return key.text;
    }
    return {};
}

std::string complaint_about_keys(connection& to, const key_names& keys, const std::string& where) {
    std::string cursor = "0";
    do {
        const auto page = to.call({"SCAN", cursor, "COUNT", "1000"});
        if (!page) return page.error().detail;
        if (page->list.size() != 2) return where + " refuses SCAN: " + page->text;
        if (const auto key = foreign_key_of(*page, keys); !key.empty()) {
            const bool parley = key.starts_with("parley:");
            return where + " is used by " + (parley ? "another Parley" : "another program") + ", its key " +
                   printable(key) + ": give Parley a Redis of its own, or a database of its own in the URL";
        }
        cursor = page->list[0].text;
    } while (cursor != "0");
    return {};
}

}  // namespace

std::string complaint_about(connection& to, const key_names& keys) {
    const auto where = "Redis at " + to.where().text();
    std::string told;
    for (const auto* section : {"server", "replication", "memory"}) {
        const auto answer = to.call({"INFO", section});
        if (!answer) return answer.error().detail;
        if (answer->refuses("NOAUTH")) return where + " wants a password: redis://:PASSWORD@HOST";
        if (answer->what != reply::kind::text) return where + " refuses INFO: " + answer->text;
        told += answer->text;
    }
    const auto version = field(told, "redis_version");
    int major = 0;
    std::from_chars(version.data(), version.data() + version.size(), major);
    if (major < oldest_version) return where + " is of version " + version + ": Parley needs 7 or later";
    if (field(told, "role") != "master") return where + " is a replica: give the address of its primary";
    const auto policy = field(told, "maxmemory_policy");
    if (policy != "noeviction") {
        return where + " would drop keys when memory is short (maxmemory-policy " + policy +
               "): put `maxmemory-policy noeviction` into its configuration, or say `CONFIG SET " +
               "maxmemory-policy noeviction` to it";
    }
    return complaint_about_keys(to, keys, where);
}

}  // namespace parley::redis
