# read_julia.jl: three results of a results file with HDF5.jl and Julia's standard library.
#
#   julia read_julia.jl FILE.h5 [ACTIVATION SEED]          (once: julia -e 'using Pkg; Pkg.add("HDF5")')
#
# NOT RUN: Debian 12 has no Julia, so this one is not among those that the tests run. It does what read_r.R does.
#
# error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
# order     for every activation, modes in the order in which they are learnt (median step over its tasks)
# alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
#
# Julia turns dimensions round: frequency_error[mode, record, task].
using HDF5, Printf, Statistics

const DONE = 1
const THRESHOLD = 0.5   # learnt below this error
const AMPLITUDE = 0.01  # not asked of modes with a smaller share of the target

"One text per task: letters are HDF5 strings of length 1."
texts(file, name) = [rstrip(join(column), '\0') for column in eachcol(read(file[name]))]

"First step with an error below the threshold, interpolated between records on a logarithmic scale."
function crossing(step, error)
    b = findfirst(<(THRESHOLD), error)
    b === nothing && return Inf
    b == 1 && return Float64(step[1])
    above, below = log(error[b-1]), log(error[b])
    return step[b-1] + (step[b] - step[b-1]) * (above - log(THRESHOLD)) / (above - below)
end

function print_networks(file, activation, seed)
    outcome, records, mode = read(file["outcome"]), read(file["records"]), read(file["mode"])
    step = read(file["step"])
    error, residual = Float64.(read(file["frequency_error"])), Float64.(read(file["residual_relative"]))
    activations = texts(file, "activation")
    task = findfirst((outcome .== DONE) .& (activations .== activation) .& (read(file["seed"]) .== seed))
    for r in 1:records[task], k in eachindex(mode)
        @printf("error %d %d %.8e\n", step[r, task], mode[k], error[k, r, task])
    end
    for name in unique(activations)
        learnt = Tuple{Float64,Int,Int}[]
        for k in eachindex(mode)
            tau = Float64[]
            for i in findall((outcome .== DONE) .& (activations .== name))
                e = error[k, 1:records[i], i]
                all(isnan, e) && continue
                at = argmax(map(x -> isnan(x) ? -Inf : x, e))
                residual[k, at, i] / e[at] >= AMPLITUDE && push!(tau, crossing(step[1:records[i], i], e))
            end
            isempty(tau) || push!(learnt, (median(tau), mode[k], length(tau)))
        end
        for (tau, k, tasks) in sort(learnt)
            @printf("order %s %d %.8e %d\n", name, k, tau, tasks)
        end
    end
end

function print_alpha_c(file)
    done = read(file["outcome"]) .== DONE
    alpha, limit, n = read(file["decay_rate"]), read(file["rung_band_limit"]), maximum(read(file["records"]))
    d = read(file["energy_drop"]) ./ read(file["multiplier_product"])  # [record, task]
    theta = log.(d[n-1, :] ./ d[n-2, :]) ./ log.((limit[n-1, :] .+ 0.5) ./ (limit[n-2, :] .+ 0.5))
    rates = sort(unique(alpha[done]))
    means = [mean(theta[done.&(alpha.==rate)]) for rate in rates]
    for (rate, m) in zip(rates, means)
        @printf("theta %.8e %.8e %d\n", rate, m, count(done .& (alpha .== rate)))
    end
    offset, slope = [ones(length(rates)) rates] \ means
    @printf("alpha_c %.8e %.8e\n", -offset / slope, slope)
end

h5open(ARGS[1], "r") do file
    haskey(file, "frequency_error") &&
        print_networks(file, get(ARGS, 2, "tanh"), parse(Int, get(ARGS, 3, "0")))
    haskey(file, "energy_drop") && print_alpha_c(file)
end
