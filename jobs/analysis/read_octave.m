% read_octave.m: three results of a results file, with Octave's netcdf package; MATLAB has its functions, and needs `given`.
%
%   octave-cli read_octave.m FILE.h5 [ACTIVATION SEED [FIGURE.png]]
%
% error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
% order     for every activation, modes in the order in which they are learnt (median step over its tasks)
% alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
%
% Octave turns dimensions round: frequency_error(mode, record, task).
1;
pkg load netcdf
given = argv();
file = given{1};
activation = "tanh";
seed = 0;
if numel(given) > 1, activation = given{2}; end
if numel(given) > 2, seed = str2double(given{3}); end
figure_file = "";
if numel(given) > 3, figure_file = given{4}; end

function tau = crossing(step, err, threshold)
  % First step with an error below the threshold, interpolated between records on a logarithmic scale.
  b = find(err < threshold, 1);
  if isempty(b)
    tau = Inf;
  elseif b == 1
    tau = step(1);
  else
    above = log(err(b - 1));
    tau = step(b - 1) + (step(b) - step(b - 1)) * (above - log(threshold)) / (above - log(err(b)));
  end
end

function words = labels(numbers)
  words = arrayfun(@num2str, numbers, "UniformOutput", false);
end

function save_figure(name, width)
  % Octave draws by gnuplot, which needs neither a screen nor Ghostscript.
  if exist("OCTAVE_VERSION", "builtin")
    print(name, "-dpngcairo", sprintf("-S%d,800", width));
  else
    print(name, "-dpng");
  end
end

if ~isempty(figure_file) && exist("OCTAVE_VERSION", "builtin")
  warning("off", "all");  % gnuplot is discouraged where people click
  graphics_toolkit("gnuplot");
  set(0, "defaultaxesfontsize", 5, "defaulttextfontsize", 5);
end

done = 1;
threshold = 0.5;   % learnt below this error
amplitude = 0.01;  % not asked of modes with a smaller share of the target
info = ncinfo(file);
names = {info.Variables.Name};
outcome = double(ncread(file, "outcome"));
records = double(ncread(file, "records"));

if any(strcmp(names, "frequency_error"))
  activations = strtrim(cellstr(strrep(ncread(file, "activation")', char(0), " ")));
  mode_of = double(ncread(file, "mode"));
  step = double(ncread(file, "step"));
  err = double(ncread(file, "frequency_error"));
  residual = double(ncread(file, "residual_relative"));

  task = find(outcome == done & strcmp(activations, activation) & double(ncread(file, "seed")) == seed, 1);
  for r = 1:records(task)
    for k = 1:numel(mode_of)
      fprintf("error %d %d %s\n", step(r, task), mode_of(k), lower(sprintf("%.8e", err(k, r, task))));
    end
  end

  kinds = unique(activations);
  orders = cell(size(kinds));
  for a = 1:numel(kinds)
    learnt = [];  % rows: median step, mode, tasks
    for k = 1:numel(mode_of)
      tau = [];
      for i = find(outcome == done & strcmp(activations, kinds{a}))'
        e = err(k, 1:records(i), i);
        [largest, at] = max(e);  % passes missing numbers over
        if residual(k, at, i) / largest >= amplitude
          tau(end + 1) = crossing(step(1:records(i), i), e, threshold);
        end
      end
      if ~isempty(tau)
        learnt(end + 1, :) = [median(tau), mode_of(k), numel(tau)];
      end
    end
    learnt = sortrows(learnt);
    orders{a} = learnt;
    for j = 1:size(learnt, 1)
      fprintf("order %s %d %s %d\n", kinds{a}, learnt(j, 2), lower(sprintf("%.8e", learnt(j, 1))), learnt(j, 3));
    end
  end
  if ~isempty(figure_file)
    n = records(task);
    shown = find(any(~isnan(err(:, 1:n, task)), 2));  % modes that the target has
    at = unique(round(linspace(1, n, 8)));
    axes("position", [0.09, 0.2, 0.32, 0.65]);
    imagesc(log10(err(shown, 1:n, task))', [-3, 0]);
    set(gca, "ydir", "normal", "xtick", 1:numel(shown), "xticklabel", labels(mode_of(shown)), ...
        "ytick", at, "yticklabel", labels(step(at, task)));
    xlabel("mode");
    ylabel("step");
    title(sprintf("log10 of the frequency error: %s, seed %d", activation, seed));
    set(colorbar(), "fontsize", 5);
    axes("position", [0.6, 0.2, 0.36, 0.65]);
    marks = "os^dv+x*";
    for a = 1:numel(kinds)
      semilogy(orders{a}(:, 2), max(orders{a}(:, 1), 1), marks(mod(a - 1, 8) + 1), "markersize", 9);
      hold on
    end
    set(legend(kinds, "location", "southeast"), "fontsize", 5);
    xlim(mode_of([shown(1), shown(end)]) + [-0.5; 0.5]);
    xlabel("mode");
    ylabel("first step with an error below 0.5");
    title("order of learning");
    save_figure(figure_file, 2000);
  end
end

if any(strcmp(names, "energy_drop"))
  limit = double(ncread(file, "rung_band_limit"));
  alpha = ncread(file, "decay_rate");
  d = ncread(file, "energy_drop") ./ ncread(file, "multiplier_product");  % (record, task)
  n = max(records);
  theta = log(d(n - 1, :) ./ d(n - 2, :)) ./ log((limit(n - 1, :) + 0.5) ./ (limit(n - 2, :) + 0.5));
  rate = unique(alpha(outcome == done));
  mean_theta = zeros(size(rate));
  for a = 1:numel(rate)
    these = outcome == done & alpha == rate(a);
    mean_theta(a) = mean(theta(these));
    fprintf("theta %.8e %.8e %d\n", rate(a), mean_theta(a), sum(these));
  end
  line_of = polyfit(rate, mean_theta, 1);
  fprintf("alpha_c %.8e %.8e\n", -line_of(2) / line_of(1), line_of(1));
  if ~isempty(figure_file)
    plot(rate, mean_theta, "o", rate, polyval(line_of, rate), "-", rate, 0 * rate, "k:");
    xlim(rate([1, end]) + [-0.02; 0.02]);
    xlabel("decay rate alpha");
    ylabel("theta");
    title(sprintf("theta crosses zero at %.4f", -line_of(2) / line_of(1)));
    save_figure(figure_file, 1200);
  end
end
