#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

/// How the parts of the server are, as `/health` and `/ready` tell it. Thread-safe.
namespace parley {

class health {
public:
    explicit health(std::int64_t started_mono_ms) : started_mono_ms_(started_mono_ms) {}

    /// `wrong` is empty while the part is well, else a few words about what is wrong.
    void report(const std::string& part, const std::string& wrong);

    struct answer {
        bool well = true;
        std::string json;   ///< {"status":"ok","version":…,"uptime_s":…,"checks":{"store":"ok",…}}
        std::string ready;  ///< {"ready":true,"checks":{…}}
    };

    [[nodiscard]] answer ask(std::int64_t mono_ms) const;

private:
    std::int64_t started_mono_ms_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> parts_;
};

}  // namespace parley
