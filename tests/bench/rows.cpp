#include "tests/bench/rows.hpp"

#include "tests/bench/process.hpp"
#include "tests/bench/slow_readers.hpp"

#include <algorithm>
#include <functional>
#include <iomanip>
#include <sstream>

namespace parley::bench {
namespace {

/// The figures of one row and target, by name, one value for each round.
using series = std::map<std::string, std::vector<double>>;

struct load_row {
    shape rooms;
    std::uint32_t in_flight;  ///< 0: at a steady rate
    std::string yardstick;    ///< the raw server that takes part; empty: none
    completed_when when = completed_when::everyone_has_it;
};

constexpr std::uint32_t steady_rate = 1000;

const std::map<std::string, load_row>& load_rows() {
    static const std::map<std::string, load_row> rows{
        {"room100x1", {{1, 100}, 1, "raw-a"}},
        {"room1000x10", {{1, 1000}, 10, "raw-b"}},
        {"room1000x100", {{1, 1000}, 100, "raw-b"}},
        {"rooms1000of5x10", {{1000, 5}, 10, "raw-b"}},
        {"latency", {{100, 10}, 0, "raw-a"}},
        {"stored", {{100, 1}, 40, "", completed_when::it_is_stored}},
    };
    return rows;
}

double percentile_us(std::vector<std::uint32_t>& of, double part) {
    const auto place = of.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(of.size() - 1) * part);
    std::nth_element(of.begin(), place, of.end());
    return *place / 1000.0;
}

void add_latency(series& to, const std::string& name, std::vector<std::uint32_t>& of) {
    if (!of.empty()) {
        to[name + "_p50_us"].push_back(percentile_us(of, 0.5));
        to[name + "_p99_us"].push_back(percentile_us(of, 0.99));
    }
}

void add(series& to, figures& seen) {
    const auto count = [](std::uint64_t n) { return static_cast<double>(n); };
    to["messages_per_s"].push_back(count(seen.messages) / seen.seconds);
    to["deliveries_per_s"].push_back(count(seen.deliveries) / seen.seconds);
    to["deliveries_per_receive"].push_back(count(seen.deliveries) / std::max(1.0, count(seen.receives)));
    to["cpu_us_per_delivery"].push_back(count(seen.server_cpu_ns) / 1000 /
                                        std::max(1.0, count(seen.deliveries)));
    to["busy_refusals_per_s"].push_back(count(seen.busy_refusals) / seen.seconds);
    to["server_busy"].push_back(count(seen.server_cpu_ns) / 1e9 / seen.seconds);
    to["generator_busy"].push_back(count(seen.own_cpu_ns) / 1e9 / seen.seconds);
    add_latency(to, "received", seen.received_ns);
    add_latency(to, "stored", seen.stored_ns);
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c < ' ' ? ' ' : c;
    }
    return out + "\"";
}

void write_line(std::ostream& out, const std::string& row, const std::string& target, const series& values,
                const std::string& failure) {
    std::ostringstream line;
    line << std::setprecision(8) << "{\"row\":" << quoted(row) << ",\"target\":" << quoted(target);
    if (!failure.empty()) {
        line << ",\"failed\":" << quoted(failure);
    } else {
        for (const auto& [name, rounds] : values) {
            line << "," << quoted(name) << ":[";
            for (std::size_t i = 0; i < rounds.size(); ++i) {
                line << (i == 0 ? "" : ",") << rounds[i];
            }
            line << "]";
        }
    }
    out << line.str() << "}" << std::endl;
}

struct contender {
    const target* of;
    std::unique_ptr<bench::fleet> fleet;
    series values;
    std::string failure;

    /// A failure takes this target out of the row and leaves the others in.
    void attempt(const std::function<void(contender&)>& what) {
        if (failure.empty()) {
            try {
                what(*this);
            } catch (const std::exception& error) {
                failure = error.what();
                fleet.reset();
            }
        }
    }
};

std::vector<contender> contenders_of(const plan& plan, const std::string& yardstick) {
    std::vector<contender> made;
    for (const auto& target : plan.targets) {
        if (!target.raw || target.name == yardstick) {
            made.push_back({&target, nullptr, {}, {}});
        }
    }
    return made;
}

void measure_load(const load_row& row, const plan& plan, std::map<std::string, accounts>& people,
                  std::vector<contender>& contenders) {
    for (auto& one : contenders) {
        one.attempt([&](contender& c) {
            c.fleet = c.of->raw ? make_raw_fleet(*c.of, row.rooms)
                                : make_parley_fleet(*c.of, people.at(c.of->name), row.rooms);
        });
    }
    for (int round = 0; round < plan.rounds; ++round) {
        for (auto& one : contenders) {
            one.attempt([&](contender& c) {
                auto seen = row.in_flight == 0 ? c.fleet->keep_rate(steady_rate, plan.measured)
                                               : c.fleet->keep_in_flight(row.in_flight, row.when,
                                                                         plan.warm_up, plan.measured);
                add(c.values, seen);
            });
        }
    }
}

void measure_accepts(const plan& plan, std::map<std::string, accounts>& people,
                     std::vector<contender>& contenders) {
    for (int round = 0; round < plan.rounds; ++round) {
        for (auto& one : contenders) {
            one.attempt([&](contender& c) {
                auto* users = c.of->raw ? nullptr : &people.at(c.of->name);
                const auto cpu = accept_cpu_ns(*c.of, users, plan.accepted_sockets);
                c.values["cpu_us_per_accept"].push_back(static_cast<double>(cpu) / 1000 /
                                                        static_cast<double>(plan.accepted_sockets));
            });
        }
    }
}

void measure_idle(const plan& plan, std::map<std::string, accounts>& people,
                  std::vector<contender>& contenders) {
    for (auto& one : contenders) {
        one.attempt([&](contender& c) {
            auto& users = people.at(c.of->name);
            users.at_least(plan.idle_sessions / sessions_per_account);
            const auto before = resident_bytes_of(c.of->process);
            c.fleet = make_idle_fleet(*c.of, users, plan.idle_sessions);
            const auto after = resident_bytes_of(c.of->process);
            c.values["bytes_per_session"].push_back(static_cast<double>(after - before) /
                                                    static_cast<double>(plan.idle_sessions));
            c.values["resident_before_bytes"].push_back(static_cast<double>(before));
        });
    }
}

void measure_slow_readers(const plan& plan, std::map<std::string, accounts>& people,
                          std::vector<contender>& contenders) {
    for (auto& one : contenders) {
        one.attempt([&](contender& c) {
            slow_crowd crowd{*c.of, people.at(c.of->name)};
            for (int round = 0; round < plan.rounds; ++round) {
                const auto seen = crowd.measure();
                c.values["p99_before_us"].push_back(seen.p99_before_us);
                c.values["p99_during_us"].push_back(seen.p99_during_us);
                c.values["p99_ratio"].push_back(seen.p99_during_us / seen.p99_before_us);
                c.values["grown_bytes"].push_back(seen.grown_bytes);
            }
        });
    }
}

}  // namespace

std::vector<std::string> known_rows() {
    std::vector<std::string> names{"accept", "idle", "slow-readers"};
    for (const auto& [name, row] : load_rows()) {
        names.push_back(name);
    }
    return names;
}

void run_row(const std::string& row, const plan& plan, std::map<std::string, accounts>& people,
             std::ostream& out) {
    const auto load = load_rows().find(row);
    const auto yardstick = row == "accept"             ? "raw-a"
                           : load != load_rows().end() ? load->second.yardstick
                                                       : "";
    auto contenders = contenders_of(plan, yardstick);
    if (row == "accept") {
        measure_accepts(plan, people, contenders);
    } else if (row == "idle") {
        measure_idle(plan, people, contenders);
    } else if (row == "slow-readers") {
        measure_slow_readers(plan, people, contenders);
    } else {
        measure_load(load->second, plan, people, contenders);
    }
    for (auto& one : contenders) {
        write_line(out, row, one.of->name, one.values, one.failure);
        one.fleet.reset();
        settled_cpu_ns_of(one.of->process);  // the next row begins when these sessions are gone
    }
}

}  // namespace parley::bench
